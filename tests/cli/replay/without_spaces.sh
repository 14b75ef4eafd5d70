# One string where every symbol is one character.
net=$SPECS/tomita3/tomita3.safetensors
expect 0 "$RNNSAFE" replay "$net" "1 0 1 1" >spaced
expect 0 "$RNNSAFE" replay "$net" 1011 | cmp - spaced
tail -n 4 spaced | wc -l
