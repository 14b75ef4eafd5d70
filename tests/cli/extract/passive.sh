# Recorded words alone; checking needs the network.
net=$SPECS/coffee/coffee.safetensors
expect 0 "$RNNSAFE" extract "$net" --passive --words 1500 --truth "$SPECS/coffee/truth.dot" -o a.dot | grep -oE '^ended *passive|^automaton.*|^truth.*'
expect 1 "$RNNSAFE" check "$net" "$SPECS/coffee/coffee.properties" --passive 2>&1
