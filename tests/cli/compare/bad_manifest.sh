# Each table is named after its defect.
mkdir a
cp "$SPECS/tomita3/tomita3.safetensors" "$SPECS/tomita3/truth.dot" a/
names=file,language,cell,alphabet,outputs,kind,agreement
good=a/tomita3.safetensors,a,relu,0\ 1,reject\ accept,dfa,1
write() { printf '%s\n' "${@:2}" >"$1.csv"; }
write empty
: >no_bytes.csv
write no_column "${names/,kind/}" "$good"
write column_twice "$names,cell" "$good,relu"
write too_few_fields "$names" "$good" "a/b,c"
write too_many_fields "$names" "$good,1"
write open_quote "$names" "\"$good"
write after_quote "$names" "\"a\"b,a,relu,0 1,reject accept,dfa,1"
write agreement "$names" "${good%1}2"
write agreement_text "$names" "${good%1}good"
write kind "$names" "${good/dfa/nfa}"
write no_file "$names" ",a,relu,0 1,reject accept,dfa,1"
write no_language "$names" "${good/,a,/,,}"
write no_inputs "$names,classes" "${good/0 1/},2"
write inputs_text "$names,inputs" "${good/0 1/},many"
write inputs_huge "$names,inputs" "${good/0 1/},99999999999999999999"
write cell "$names" "${good/relu/magic}"
write alphabet_twice "$names" "${good/0 1/0 0}"
write alphabet_of_others "$names" "${good/0 1/a b}"
write missing_network "$names" "${good/tomita3./tomita4.}"
write missing_truth "$names" "${good/,a,/,b,}"
printf '%s\n\0\n' "$names" >zero_byte.csv
for file in *.csv; do
    expect 2 "$RNNSAFE" compare --manifest $file --cluster none 2>&1
done
expect 2 "$RNNSAFE" compare --manifest missing.csv 2>&1
write good "$names" "$good"
expect 0 "$RNNSAFE" compare --manifest good.csv --cluster none | wc -l
