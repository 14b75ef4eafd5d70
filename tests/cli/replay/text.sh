expect 0 "$RNNSAFE" replay "$SPECS/coffee/coffee.safetensors" "coin button"
expect 0 "$RNNSAFE" replay "$SPECS/coffee/coffee.safetensors" ""
