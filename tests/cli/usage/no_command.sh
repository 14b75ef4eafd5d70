# exit: 1
"$RNNSAFE" 2>&1
