# Every format that is listed can be written, to a file as to standard output.
"$RNNSAFE" export --help | sed -n 's/^ \{28\}\([a-z0-9_-]*\): .*/\1/p' >formats
[ -s formats ] || echo "no formats"
while read -r format; do
    expect 0 "$RNNSAFE" export "$SPECS/coffee/truth.dot" --to "$format" -o "a.$format" --properties "$SPECS/coffee/coffee.properties"
    expect 0 "$RNNSAFE" export "$SPECS/coffee/truth.dot" --to "$format" --properties "$SPECS/coffee/coffee.properties" | cmp - "a.$format"
    [ -s "a.$format" ] || echo "$format: nothing was written"
done <formats
grep -xE 'dot|xml' formats
