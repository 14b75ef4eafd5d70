# Inputs are read before any work is done.
net=$SPECS/coffee/coffee.safetensors
expect 2 "$RNNSAFE" compare "$net" missing.pt --resume r.csv 2>&1
expect 2 "$RNNSAFE" compare "$net" --truth missing.dot 2>&1
expect 2 "$RNNSAFE" compare "$net" --truth "$SPECS/tomita3/truth.dot" 2>&1 | grep -c '^rnnsafe: SPECS\|^rnnsafe: /.*truth.dot:'
expect 1 "$RNNSAFE" compare "$net" --lengths poisson:3 2>&1 | grep -c poisson
expect 1 "$RNNSAFE" compare "$net" --timeout 3 2>&1
expect 2 "$RNNSAFE" compare "$net" --cluster none --csv missing/c.csv 2>&1
ls
