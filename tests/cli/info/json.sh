needs python3
expect 0 "$RNNSAFE" info "$SPECS/coffee/coffee.safetensors" --json - >alone.json
expect 0 "$RNNSAFE" info "$SPECS/coffee/coffee.safetensors" --json file.json | head -n 1
cmp alone.json file.json
python3 - <<'END'
import json
r = json.load(open("alone.json"))
print(r["tool"], r["command"], r["network"]["cell"], r["network"]["alphabet"], r["network"]["outputs"], len(r["network"]["sha256"]))
END
