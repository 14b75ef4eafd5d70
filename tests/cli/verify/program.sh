# rnnsafe-verify holds neither solver nor linear algebra, and says the same as the command.
needs ldd
ldd "$VERIFY" | grep -i 'blas\|lapack\|z3\|gomp' && echo "linked"
ldd "$RNNSAFE" | grep -q z3 || echo "and rnnsafe does not either"
"$VERIFY" --version | sed 's/ [0-9.]*$/ VERSION/'
"$VERIFY" --help
last_symbol
"$RNNSAFE" certify last.safetensors last.properties -o good -q >/dev/null
expect 0 "$VERIFY" good last.safetensors last.properties --json ours.json >ours
expect 0 "$RNNSAFE" verify good last.safetensors last.properties --json theirs.json | cmp - ours
sed '/"total"/d' ours.json >ours.short
sed '/"total"/d' theirs.json | cmp - ours.short
verdicts <ours
