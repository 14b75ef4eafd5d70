# Where the automaton and the summary go, and that all ways give the same automaton.
net=$SPECS/coffee/coffee.safetensors
expect 0 "$RNNSAFE" extract "$net" >output.dot 2>summary
expect 0 "$RNNSAFE" extract "$net" -q 2>&1 | cmp - output.dot
expect 0 "$RNNSAFE" extract "$net" -o file.dot >summary.out 2>errors
cmp output.dot file.dot
wc -c <errors
grep -v '^ended' summary >a && grep -v '^ended' summary.out | cmp - a
head -n 1 summary
grep -E '^(automaton|fidelity)' summary
expect 0 "$RNNSAFE" extract "$net" -q -o file.xml >summary.out
expect 0 "$RNNSAFE" export file.xml --to dot | cmp - output.dot
expect 0 "$RNNSAFE" extract "$net" --output file.gv -q >summary.out
cmp file.gv output.dot
expect 1 "$RNNSAFE" extract "$net" -o file.png 2>&1
ls
