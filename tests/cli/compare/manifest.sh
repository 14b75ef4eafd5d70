# Networks of a table: which lines are taken, and where names and truths come from.
for case in coffee tomita3; do
    mkdir -p nets/$case
    cp "$SPECS/$case/$case.safetensors" "$SPECS/$case/truth.dot" nets/$case/
done
coffee=$(sed -n '/"alphabet"/,/]/p' "$SPECS/coffee/coffee.json" | grep -o '"[^"]*"' | tail -n +2 | tr -d '"' | tr '\n' ' ')
outputs=$(sed -n '/"outputs"/,/]/p' "$SPECS/coffee/coffee.json" | grep -o '"[^"]*"' | tail -n +2 | tr -d '"' | tr '\n' ' ')
cat >nets/m.csv <<END
file,language,cell,inputs,classes,kind,states,alphabet,outputs,agreement
coffee/coffee.safetensors,coffee,tanh,,,moore,7,"${coffee% }",${outputs% },1.0

tomita3/tomita3.safetensors,tomita3,relu,2,2,dfa,5,,reject accept,0.95
tomita3/tomita3.safetensors,,relu,2,2,cfg,,,,
END
run() { expect 0 "$RNNSAFE" compare --manifest nets/m.csv -q --csv - "$@" | cut -d, -f1,4,8,15,17 | tail -n +2; }
echo default; run
echo all; run --cluster none
echo text; run --cluster none coffee/
echo kind; run --cluster none --kind dfa
echo agreement; run --cluster none --agreement 0.9
echo high; run --cluster none --agreement 0.96
echo cfg; run --cluster none --kind cfg --agreement 0.9
expect 0 "$RNNSAFE" compare --manifest nets/m.csv -q --cluster none | awk '/^(in all|context-free|none)/ {print $1, $2, $3}'
expect 1 "$RNNSAFE" compare --manifest nets/m.csv nothing 2>&1
expect 1 "$RNNSAFE" compare --manifest nets/m.csv --truth nets/coffee/truth.dot 2>&1
expect 1 "$RNNSAFE" compare nets/coffee/coffee.safetensors --kind dfa 2>&1
expect 1 "$RNNSAFE" compare 2>&1
