# What is written is read again without options, computes the same and converts to the same bytes; the card says all.
net=$SPECS/coffee/coffee.safetensors
expect 0 "$RNNSAFE" convert "$net" -o one.safetensors
expect 0 "$RNNSAFE" convert one.safetensors -o two.safetensors
cmp one.safetensors two.safetensors
cmp one.json two.json
cat one.json
word="coin button refill cancel button"
expect 0 "$RNNSAFE" replay "$net" "$word" | tail -n +2 >before
expect 0 "$RNNSAFE" replay one.safetensors "$word" | tail -n +2 >after
cmp before after && cat after
ls
