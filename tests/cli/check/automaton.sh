# An automaton in place of properties: whatever the network accepts, it accepts.
net=$SPECS/tomita3/tomita3.safetensors
expect 0 "$RNNSAFE" check "$net" "$SPECS/tomita3/truth.dot" -q | verdicts
expect 0 "$RNNSAFE" export "$SPECS/tomita3/truth.dot" --to xml -o same.xml
expect 0 "$RNNSAFE" check "$net" same.xml -q | verdicts
cat >none.dot <<'END'
digraph none {
  q [shape=circle, label="q"];
  __start0 [label="", shape=none];
  __start0 -> q;
  q -> q [label="0"];
  q -> q [label="1"];
}
END
expect 10 "$RNNSAFE" check "$net" none.dot -q | verdicts
expect 2 "$RNNSAFE" check "$SPECS/coffee/coffee.safetensors" none.dot -q 2>&1
# What is never given is said: every inclusion holds for a machine that never accepts.
expect 0 "$RNNSAFE" extract "$SPECS/coffee/coffee.safetensors" -q --max-steps 1 --lengths 1..1 --words 1 -o a.dot | grep '^never given'
