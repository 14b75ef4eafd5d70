# A network by hand is its automaton, for words of every length; and is not another one.
last_symbol
expect 0 "$RNNSAFE" certify last.safetensors --equal last.dot -o last.certificate | sed 's/that is .* times/that is X times/; s/headroom=.*/headroom=X/; s/[0-9.e-]*[0-9]e-[0-9]*\|0\.[0-9]*/NUMBER/g; s/  by [0-9]* region.*/  by some regions/; /found by/d'
expect 0 "$RNNSAFE" verify last.certificate last.safetensors --equal last.dot | verdicts
expect 0 "$VERIFY" last.certificate last.safetensors --equal last.dot | verdicts
sed 's/n -> n \[label=b\]/n -> y [label=b]/' last.dot >other.dot
expect 10 "$RNNSAFE" certify last.safetensors --equal other.dot -o other.certificate
test -e other.certificate && echo "a certificate of nothing"
expect 5 "$RNNSAFE" verify last.certificate last.safetensors --equal other.dot | verdicts
