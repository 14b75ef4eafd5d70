# An extraction that a budget ended is an extraction, and says so.
net=$SPECS/coffee/coffee.safetensors
expect 0 "$RNNSAFE" extract "$net" --max-rounds 1 -o a.dot | grep -o '^ended *rounds spent'
expect 0 "$RNNSAFE" extract "$net" --max-steps 10 -o a.dot | grep -o '^ended *steps spent'
expect 0 "$RNNSAFE" extract "$net" --timeout 0.001 -o a.dot | grep -o '^ended *time spent'
