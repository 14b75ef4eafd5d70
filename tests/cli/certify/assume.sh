# What is assumed: of words outside nothing is claimed. In the file of properties, and from the widest to the narrowest with --assume.
last_symbol
printf 'never_accepts: out=reject\nassume bs: in=b\nnever_accepts_bs: out=reject\n' >some.properties
short() { sed 's/ eps=[^ ]*//; s/ eps_logit=[^ ]*//; s/ headroom=[^ ]*//; s/eps = .* in every/eps = E in every/; s/^  of the state and [0-9.e-]*/  of the state and E/; s/that is .* times/that is X times/; s/  by [0-9]* region.*/  by some regions/; /found by/d'; }
expect 10 "$RNNSAFE" certify last.safetensors some.properties -o some.certificate | short
expect 5 "$RNNSAFE" verify some.certificate last.safetensors some.properties | short | tail -2
grep -o 'formula="[^"]*"' some.certificate
# A certificate is bound to what is assumed.
sed '/^assume/d; 1d' some.properties >plain.properties
expect 5 "$RNNSAFE" verify some.certificate last.safetensors plain.properties | tail -1
expect 5 "$VERIFY" some.certificate last.safetensors plain.properties | tail -1
# The widest that goes through.
printf 'assume any: true\nassume few: !(in=a & Y in=a)\nassume none: in=b # and few\nassume never: WY false\n' >levels
expect 0 "$RNNSAFE" certify last.safetensors plain.properties --assume levels -o levels.certificate --json levels.json | short
for program in "$RNNSAFE verify" "$VERIFY"; do
    expect 0 $program levels.certificate last.safetensors plain.properties --assume levels | short
done
expect 5 "$RNNSAFE" verify levels.certificate last.safetensors plain.properties | tail -1
head -2 levels >wide
expect 10 "$RNNSAFE" certify last.safetensors plain.properties --assume wide | short
sed -n 's/^ *\("assuming\|"wider\|"verdict\)/\1/p' levels.json
# The same of an automaton, and on top of what a file assumes.
sed 's/n -> n \[label=b\]/n -> y [label=b]/' last.dot >other.dot
echo 'assume starts_with_a: in=a | Y true' >start
expect 10 "$RNNSAFE" certify last.safetensors --equal other.dot --assume start | verdicts
echo 'assume as: in=a' >as
expect 0 "$RNNSAFE" certify last.safetensors --equal other.dot --assume as -o equal.certificate | short
expect 0 "$VERIFY" equal.certificate last.safetensors --equal other.dot --assume as | short | tail -1
expect 5 "$VERIFY" equal.certificate last.safetensors --equal other.dot | tail -1
printf 'assume few: !(in=a & Y in=a)\np: Y in=a -> out=reject\nq: Y in=b -> out=reject\n' >few.properties
echo 'assume bs_first: in=b | Y Y true' >first
# Words that refute satisfy what is assumed.
expect 10 "$RNNSAFE" certify last.safetensors few.properties --assume first | short | tail -2
# What cannot be assumed.
exec 2>&1
echo 'assume loud: out=accept' >bad
expect 2 "$RNNSAFE" certify last.safetensors last.properties --assume bad
expect 2 "$RNNSAFE" certify last.safetensors last.properties --assume last.properties
expect 2 "$RNNSAFE" certify last.safetensors last.properties --assume nowhere
printf 'p: Y in=a -> out=reject\n' >after_a.properties
expect 2 "$RNNSAFE" certify last.safetensors after_a.properties --assume levels
expect 1 "$RNNSAFE" certify last.safetensors plain.properties --assume levels --equal other.dot
expect 1 "$RNNSAFE" check last.safetensors plain.properties --assume levels
