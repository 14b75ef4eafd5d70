expect 0 "$RNNSAFE" info "$SPECS/coffee/coffee.safetensors"
