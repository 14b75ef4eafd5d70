# exit: 10
# A word that was run on the network, beside a proof.
last_symbol
echo 'never_accepts: out=reject' >>last.properties
"$RNNSAFE" certify last.safetensors last.properties -o some.certificate | sed -n '/^property never_accepts/,/VERDICT ends/p' | sed 's/ eps=.*//; /found by/d'
head -2 last.properties >first.properties
expect 0 "$RNNSAFE" verify some.certificate last.safetensors first.properties | verdicts
expect 10 "$RNNSAFE" certify last.safetensors last.properties --json - | sed 's/"\(file\|sha256\|version\|tool\)": .*/"\1"/' | sed -n '/"properties"/,/"network_steps"/p' | sed 's/: [0-9][0-9.e-]*\(,\{0,1\}\)$/: NUMBER\1/; s/"method": .*/"method"/'
exit 10
