# Certificates that prove something else, or nothing: inconclusive, with the reason.
last_symbol
expect 0 "$RNNSAFE" certify last.safetensors last.properties -o good -q >/dev/null
try() {
    cmp -s bad good && echo "$1: nothing was changed"
    expect 5 "$RNNSAFE" verify bad "${3:-last.safetensors}" "${4:-last.properties}" >ours
    expect 5 "$VERIFY" bad "${3:-last.safetensors}" "${4:-last.properties}" | cmp - ours
    echo "$1:" "$(sed -n 's/ words of every length.*//; s/^VERDICT //p' ours | sed "${2:-1p;d}")"
}
sed 's/eps="[0-9]*"/eps="0"/' good >bad
try "eps lowered"
sed 's/depth="[0-9]*"/depth="1000"/' good >bad
try "depth past the limit"
sed 's/<hints>[^<]*</<hints></' good >bad
try "hints lost" '1s/: region.*//p;d'
sed 's/<hi>[^<]*</<hi>-9</' good >bad
try "boxes empty"
sed 's/<lo>[^<]*</<lo>1099511627776</; s/<hi>[^<]*</<hi>1099511627776</' good >bad
try "boxes elsewhere" '1s/: region.*//p;d'
sed 's/<region id="\([0-9]*\)" monitor="[0-9]*"/<region id="\1" monitor="77"/' good >bad
try "other states of the monitor"
sed "s/monitor=\"[0-9a-f]\{64\}\"/monitor=\"$(printf '%064d' 0)\"/" good >bad
try "other properties"
cp good bad
echo >>bad
sed 's/out=reject/out=accept/' last.properties >other.properties
try "other properties of the same name" b last.safetensors other.properties
printf 'more: in=b -> out=reject\n' >more.properties
try "a property without a proof" b last.safetensors more.properties
head -c -1 last.safetensors >other.safetensors
printf '\200' >>other.safetensors
cp last.json other.json
try "other weights" 1p\;d other.safetensors
