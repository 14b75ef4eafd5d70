needs python3
echo 'never: !brewing' >p.properties
expect 10 "$RNNSAFE" replay "$SPECS/coffee/coffee.safetensors" "coin button" --properties p.properties --json - >r.json
python3 -c 'import json; r = json.load(open("r.json")); print(r["word"], r["outputs"], r["properties"])'
