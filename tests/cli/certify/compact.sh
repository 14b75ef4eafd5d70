# The compact form of a certificate, for a name that ends in .compact: the same proofs in fewer bytes, and the same verdicts.
last_symbol
expect 0 "$RNNSAFE" certify last.safetensors last.properties -o last.compact | verdicts
expect 0 "$RNNSAFE" certify last.safetensors last.properties -o last.xml | verdicts
[ "$(stat -c %s last.compact)" -lt "$(($(stat -c %s last.xml) / 2))" ] || echo "it is not small"
for program in "$RNNSAFE verify" "$VERIFY"; do
    expect 0 $program last.xml last.safetensors last.properties >of_xml
    expect 0 $program last.compact last.safetensors last.properties | cmp - of_xml
    verdicts <of_xml
done
# What counts is what it holds, not its name.
cp last.compact some
expect 0 "$VERIFY" some last.safetensors last.properties | cmp - of_xml
# Proofs of something else are refused.
printf 'ends: in=a <-> out=reject\n' >other.properties
expect 5 "$VERIFY" last.compact last.safetensors other.properties | sed -n 's/ words of every length.*//; /^VERDICT/p'
# Files that are none.
exec 2>&1
for program in "$RNNSAFE verify" "$VERIFY"; do
    head -c -1 last.compact >cut
    expect 2 $program cut last.safetensors last.properties 2>&1 | sed 's/byte [0-9]*/byte N/; s/[0-9]* bytes/N bytes/; s/is [0-9]*,/is N,/'
    (cat last.compact && echo) >long
    expect 2 $program long last.safetensors last.properties 2>&1 | sed 's/byte [0-9]*/byte N/; s/[0-9]* bytes/N bytes/; s/is [0-9]*,/is N,/'
    tr -d '\r' <last.compact >lines
    expect 2 $program lines last.safetensors last.properties
done
expect 2 "$RNNSAFE" certify last.safetensors last.properties -o nowhere/last.compact
