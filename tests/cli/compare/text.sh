# A row a method, then a line a method; seconds and memory are left out.
net=$SPECS/coffee/coffee.safetensors
expect 0 "$RNNSAFE" compare "$net" --truth "$SPECS/coffee/truth.dot" >out 2>err
sed "s#$SPECS/##" out | awk '{print $1, $2, $3, $4, $5, $6, NF}'
expect 0 "$RNNSAFE" compare "$net" --cluster none >out
awk 'NR == 2 {print $2, $4, $5, $6, $7, $8, $12, $13}' out
expect 0 "$RNNSAFE" compare "$net" "$SPECS/tomita3/tomita3.safetensors" --seeds 3,4 -q | awk '/^\// {print $2, $3}'
wc -c <err
