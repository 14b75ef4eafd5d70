# A ground truth over other symbols is refused.
expect 2 "$RNNSAFE" extract "$SPECS/coffee/coffee.safetensors" -q --truth "$SPECS/crossing/truth.dot" 2>&1 | grep -c '^rnnsafe: '
expect 2 "$RNNSAFE" extract "$SPECS/coffee/coffee.safetensors" -q --truth missing.dot 2>&1
