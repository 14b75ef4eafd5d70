expect 2 "$RNNSAFE" export missing.dot --to xml 2>&1
expect 2 "$RNNSAFE" export missing.xml --to dot 2>&1
echo 'digraph {' >a.dot
expect 2 "$RNNSAFE" export a.dot --to xml 2>&1 | grep -c '^rnnsafe: a.dot:'
echo '<automaton>' >a.xml
expect 2 "$RNNSAFE" export a.xml --to dot 2>&1 | grep -c '^rnnsafe: a.xml'
echo text >a.txt
expect 2 "$RNNSAFE" export a.txt --to dot 2>&1 | grep -c '^rnnsafe: a.txt'
expect 2 "$RNNSAFE" export "$SPECS/coffee/truth.dot" --to dot --alphabet "a b" 2>&1 | grep -c '^rnnsafe: '
expect 2 "$RNNSAFE" export "$SPECS/coffee/truth.dot" --to dot -o missing/a.dot 2>&1
ls
