# Properties of an LSTM: those that hold are proved, by certificates that verify accepts, and the other one is violated.
grep -A 1 '^shut_is_even\|^turn_opens' "$SPECS/valves/valves.properties" | sed '/^--/d' >right.properties
(cat right.properties; grep '^inlet_twice_shuts' "$SPECS/valves/valves.properties") >all.properties
expect 10 "$RNNSAFE" certify "$SPECS/valves/valves.safetensors" all.properties --guide "$SPECS/valves/truth.dot" --timeout 600 -o valves.certificate | verdicts
expect 0 "$VERIFY" valves.certificate "$SPECS/valves/valves.safetensors" right.properties | verdicts
