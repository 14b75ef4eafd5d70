# Proof is required: what holds is certified, and what verify then accepts is what check said.
last_symbol
echo 'never_accepts: out=reject' >more.properties
expect 0 "$RNNSAFE" check last.safetensors last.properties --require proof -o out | sed -n '/^property/,$p' | sed 's/ eps=.*//; s/eps = .* in every/eps = E in every/; s/^  of the state and [0-9.e-]*/  of the state and E/; s/that is .* times/that is X times/; s/  by [0-9]* region.*/  by some regions/; s/found by .*/found by search/; s/epsilon.*//'
expect 0 "$VERIFY" out/certificate.xml last.safetensors last.properties | verdicts
expect 10 "$RNNSAFE" check last.safetensors last.properties more.properties --require proof --json - | grep '"verdict"'
# By a hair: no violation, but float32 in another order might have one.
last_symbol tie
expect 5 "$RNNSAFE" check last.safetensors more.properties --require proof --timeout 4 -o hair --json hair.json | verdicts
grep -c '"not_proved"' hair.json
ls hair
expect 0 "$RNNSAFE" check last.safetensors more.properties --require statistics | verdicts
