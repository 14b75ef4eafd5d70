# What is not decided in time is UNKNOWN, with exit code 5.
echo 'p: brewing -> button' >p.properties
expect 5 "$RNNSAFE" check "$SPECS/coffee/coffee.safetensors" p.properties --timeout 0.001 -q | verdicts
