# The folder of -o: its files, that they are read again, and that they do not depend on what was there.
mkdir out
echo old >out/report.json
echo button >out/no_coffee_without_coin.word # of a run that found it violated
expect 10 "$RNNSAFE" check $(case_of coffee) -q -o out --json - >r.json
ls out
cmp r.json out/report.json
cat out/coin_button_coffee.word
"$RNNSAFE" export out/automaton.xml --to dot | cmp - out/automaton.dot
expect 10 "$RNNSAFE" check $(case_of coffee) -q -o new >text && ls new | cmp - <(ls out)
: >file
expect 2 "$RNNSAFE" check $(case_of coffee) -q -o file 2>&1
expect 2 "$RNNSAFE" check $(case_of coffee) -q -o missing/out 2>&1
