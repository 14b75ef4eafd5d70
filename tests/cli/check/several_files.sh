# Several files are one list of properties; a name that comes twice is refused.
net=$SPECS/coffee/coffee.safetensors
echo 'one: brewing -> button' >one.properties
echo 'two: !brewing' >two.properties
expect 10 "$RNNSAFE" check "$net" one.properties two.properties -q | verdicts
expect 0 "$RNNSAFE" check "$net" one.properties -q | verdicts
expect 2 "$RNNSAFE" check "$net" one.properties two.properties one.properties -q 2>&1
