# Two properties of a network that was trained; everything that certify proves is accepted by verify and by rnnsafe-verify.
cp "$SPECS"/tomita3/tomita3.{safetensors,json} .
grep '^one_kind\|^odd_then_one' "$SPECS/tomita3/tomita3.properties" >two.properties
expect 0 "$RNNSAFE" certify tomita3.safetensors two.properties -o two.certificate | verdicts
expect 0 "$RNNSAFE" verify two.certificate tomita3.safetensors two.properties | verdicts
expect 0 "$VERIFY" two.certificate tomita3.safetensors two.properties | verdicts
# The same certificate for the same seed.
expect 0 "$RNNSAFE" certify tomita3.safetensors two.properties -o again.certificate -q >/dev/null
cmp two.certificate again.certificate
# One that no schema minds.
needs xmllint
xmllint --noout --schema "$SPECS/schema/certificate.xsd" two.certificate 2>&1
# More than the certificate proves.
expect 5 "$RNNSAFE" verify two.certificate tomita3.safetensors two.properties "$SPECS/tomita3/adjacent.dot" | sed -n '/^VERDICT/p' | sed 's/ eps=.*//'
