# The result is the same for any number of threads, byte by byte, but for the seconds.
for case in coffee crossing; do
    for threads in 1 2; do
        expect 10 "$RNNSAFE" check $(case_of $case) --threads $threads -q --json - | sed '/^  "seconds"/,$d' >$threads.json
    done
    [ -s 1.json ] && cmp 1.json 2.json && echo "$case: the same"
done
