# example.sh NAME: the verdicts on a bundled example are the expected ones, whatever the seed, and every counterexample is
# confirmed by replay.
expected "$1" | sort >wanted
grep -q VIOLATED wanted && code=10 || code=0
for seed in 1 2 3; do
    expect $code "$RNNSAFE" check $(case_of "$1") --seed $seed -q -o out >text
    verdicts <text | sort | diff wanted - || echo "seed $seed"
    for word in out/*.word; do
        [ -e "$word" ] || continue
        expect 10 "$RNNSAFE" replay "$SPECS/$1/$1.safetensors" "$(cat "$word")" --properties "$SPECS/$1/$1.properties" >text
        name=$(basename "$word" .word)
        length=$(wc -w <"$word")
        grep -qx "$name: violated at moment $length" text || echo "seed $seed: $name is not confirmed"
    done
    rm -r out
done
[ -s wanted ] || echo "nothing is expected of $1"
