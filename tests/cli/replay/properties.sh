net=$SPECS/coffee/coffee.safetensors
echo 'two_cups: !(brewing & O(Y brewing))
paid: brewing -> Y paid' >p.properties
expect 0 "$RNNSAFE" replay "$net" "coin button" --properties p.properties
expect 10 "$RNNSAFE" replay "$net" "coin button coin button refill" --properties p.properties
