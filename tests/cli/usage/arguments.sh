expect 1 "$RNNSAFE" info 2>&1
expect 1 "$RNNSAFE" info a b 2>&1
expect 1 "$RNNSAFE" extract 2>&1
expect 1 "$RNNSAFE" check a 2>&1
expect 1 "$RNNSAFE" replay a 2>&1
expect 1 "$RNNSAFE" replay a b c 2>&1
expect 1 "$RNNSAFE" export 2>&1
expect 1 "$RNNSAFE" export a.dot 2>&1
expect 1 "$RNNSAFE" check a b --seed 2>&1
expect 1 "$RNNSAFE" check a b -o 2>&1
expect 1 "$RNNSAFE" check a b --quiet=3 2>&1
