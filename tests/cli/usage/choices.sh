expect 1 "$RNNSAFE" info x.pt --cell elman 2>&1
expect 1 "$RNNSAFE" info x.pt --input sparse 2>&1
expect 1 "$RNNSAFE" extract x.pt --cluster magic 2>&1 | grep -o '^rnnsafe: --cluster takes one of .*kmeans.*, not "magic"$' | sed 's/one of.*, not/one of..., not/'
expect 1 "$RNNSAFE" export x.dot --to magic 2>&1 | sed 's/one of.*, not/one of..., not/'
expect 1 "$RNNSAFE" extract "$SPECS/coffee/coffee.safetensors" --lengths poisson:3 2>&1 | grep -c '^rnnsafe: .*poisson:3'
