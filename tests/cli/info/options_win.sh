# Options win over the card; one that contradicts the weights is refused.
net=$SPECS/coffee/coffee.safetensors
expect 0 "$RNNSAFE" info "$net" --alphabet "w x y z" --outputs "p q r s" | grep -E '^(alphabet|outputs)'
expect 2 "$RNNSAFE" info "$net" --alphabet "x y" 2>&1 | grep -c '^rnnsafe: '
expect 2 "$RNNSAFE" info "$net" --alphabet "x x y z" 2>&1 | grep -c 'appears twice'
expect 2 "$RNNSAFE" info "$net" --cell lstm 2>&1 | grep -c '^rnnsafe: '
