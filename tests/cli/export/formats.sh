# Every format that is listed can be written, to a file as to standard output; properties go where there is a place for them.
"$RNNSAFE" export --help | sed -n 's/^ \{28\}\([a-z0-9_-]*\): .*/\1/p' >formats
[ -s formats ] || echo "no formats"
while read -r format; do
    expect 0 "$RNNSAFE" export "$SPECS/coffee/truth.dot" --to "$format" -o "a.$format"
    expect 0 "$RNNSAFE" export "$SPECS/coffee/truth.dot" --to "$format" | cmp - "a.$format"
    [ -s "a.$format" ] || echo "$format: nothing was written"
done <formats
grep -xE 'dot|xml' formats
expect 1 "$RNNSAFE" export "$SPECS/coffee/truth.dot" --to dot --properties "$SPECS/coffee/coffee.properties" 2>&1
