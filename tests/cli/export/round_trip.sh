# DOT to XML and back gives the same automaton.
expect 0 "$RNNSAFE" export "$SPECS/coffee/truth.dot" --to dot -o a.dot
expect 0 "$RNNSAFE" export a.dot --to xml -o a.xml
expect 0 "$RNNSAFE" export a.xml --to dot | cmp - a.dot
expect 0 "$RNNSAFE" export a.dot --to dot | cmp - a.dot
