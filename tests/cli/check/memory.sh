# A bound on memory that holds what is recorded changes nothing; a tight one is said, and words of HOLDS are run all the same; one that
# holds no word is refused.
expect 10 "$RNNSAFE" check "$SPECS/tomita3/tomita3.safetensors" "$SPECS/tomita3/tomita3.properties" -q --json a.json >a
expect 10 "$RNNSAFE" check "$SPECS/tomita3/tomita3.safetensors" "$SPECS/tomita3/tomita3.properties" -q --memory 1G --json b.json >b
diff <(verdicts <a) <(verdicts <b) && verdicts <b
tr -d ' \n' <b.json | grep -o '"recorded":{[^}]*}' | grep -o '"cut":[a-z]*'
for threads in 1 2; do
    "$RNNSAFE" check "$SPECS/tomita3/tomita3.safetensors" "$SPECS/tomita3/tomita3.properties" -q --memory 64K --threads $threads | grep '^recorded\|^VERDICT'
done
expect 1 "$RNNSAFE" check $(case_of coffee) -q --memory 100 2>&1
