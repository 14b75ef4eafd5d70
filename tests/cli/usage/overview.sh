"$RNNSAFE" --help
expect 0 "$RNNSAFE" -h | cmp - <("$RNNSAFE" help) && echo "-h and help say the same"
