net=$SPECS/coffee/coffee.safetensors
expect 2 "$RNNSAFE" replay "$net" "coin tea" 2>&1
expect 2 "$RNNSAFE" replay missing.pt "coin" 2>&1
expect 2 "$RNNSAFE" replay "$net" "coin" --properties missing.properties 2>&1
