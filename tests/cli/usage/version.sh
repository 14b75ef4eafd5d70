"$RNNSAFE" --version
expect 0 "$RNNSAFE" check --version
