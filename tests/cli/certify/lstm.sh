# All properties of an LSTM at once: those that hold are proved, by certificates that verify accepts, and the other one is violated.
expect 10 "$RNNSAFE" certify $(case_of valves) --guide "$SPECS/valves/truth.dot" --timeout 600 -o valves.certificate | verdicts
sed '/^# Expected wrongly/,$d' "$SPECS/valves/valves.properties" >right.properties
expect 0 "$VERIFY" valves.certificate "$SPECS/valves/valves.safetensors" right.properties | verdicts
