expect 2 "$RNNSAFE" info missing.pt 2>&1
expect 2 "$RNNSAFE" info . 2>&1
: >empty.pt
expect 2 "$RNNSAFE" info empty.pt 2>&1 | sed 's/: .*empty.pt:.*/: empty.pt.../'
head -c 1000 "$SPECS/coffee/coffee.safetensors" >cut.safetensors
expect 2 "$RNNSAFE" info cut.safetensors 2>&1 | grep -c '^rnnsafe: .*cut.safetensors'
cp "$SPECS/coffee/coffee.safetensors" .
echo '{"rnnsafe": 1' >coffee.json
expect 2 "$RNNSAFE" info coffee.safetensors 2>&1 | grep -c '^rnnsafe: .*coffee.json'
expect 2 "$RNNSAFE" info coffee.safetensors --card missing.json 2>&1 | grep -c '^rnnsafe: .*missing.json'
