expect 1 "$RNNSAFE" frobnicate 2>&1
expect 1 "$RNNSAFE" --frobnicate 2>&1
expect 1 "$RNNSAFE" help frobnicate 2>&1
expect 1 "$RNNSAFE" info x.pt --frobnicate 2>&1
expect 1 "$RNNSAFE" info x.pt -x 2>&1
expect 1 "$RNNSAFE" info x.pt --truth y 2>&1
expect 1 "$RNNSAFE" info x.pt --c relu 2>&1
expect 1 "$RNNSAFE" info x.pt $'--bell\a\nline' 2>&1
