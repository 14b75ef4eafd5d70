# A ground truth over other symbols is refused before anything is computed, with its file and line.
cp "$SPECS/crossing/truth.dot" other.dot
expect 2 "$RNNSAFE" extract "$SPECS/coffee/coffee.safetensors" -q --truth other.dot --timeout 0.001 2>&1
expect 2 "$RNNSAFE" extract "$SPECS/coffee/coffee.safetensors" -q --truth missing.dot 2>&1
