# A word of a log that violates is found though no random word is long enough; a log with a strange symbol is refused.
net=$SPECS/crossing/crossing.safetensors
cat >log.txt <<'END'
# two lines of a log
tick tick approach
tick approach approach tick approach leave leave
END
expect 10 "$RNNSAFE" check "$net" "$SPECS/crossing/crossing.properties" --word-file log.txt -q | grep VERDICT.open_only
echo 'tick whistle' >bad.txt
expect 2 "$RNNSAFE" check "$net" "$SPECS/crossing/crossing.properties" --word-file bad.txt 2>&1
seq 600 | awk '{srand($1); w = ""; n = 1 + int(rand() * 12); for (i = 0; i < n; i++) w = w " " substr("approachleave   tick    ", 1 + 8 * int(rand() * 3), 8); print w}' >many.txt
expect 0 "$RNNSAFE" extract "$net" --passive --word-file many.txt -o a.dot | grep -E '^ended *passive' | cut -d: -f1
