# The verdicts on every example are the expected ones, whatever the seed; every counterexample is confirmed by replay.
for case in $(cases); do
    expected "$case" | sort >wanted
    grep -q VIOLATED wanted && code=10 || code=0
    for seed in 1 2 3; do
        expect $code "$RNNSAFE" check $(case_of "$case") --seed $seed -q -o out >text
        verdicts <text | sort | diff wanted - || echo "$case, seed $seed"
        for word in out/*.word; do
            [ -e "$word" ] || continue
            expect 10 "$RNNSAFE" replay "$SPECS/$case/$case.safetensors" "$(cat "$word")" \
                --properties "$SPECS/$case/$case.properties" >text
            name=$(basename "$word" .word)
            length=$(wc -w <"$word")
            grep -qx "$name: violated at moment $length" text || echo "$case, seed $seed: $name is not confirmed"
        done
        rm -r out
    done
done
