needs python3
net=$SPECS/coffee/coffee.safetensors
expect 0 "$RNNSAFE" extract "$net" --json - -q >alone.json
expect 0 "$RNNSAFE" extract "$net" --json - -q --truth "$SPECS/coffee/truth.dot" -o a.dot >truth.json
expect 0 "$RNNSAFE" extract "$net" --json file.json -q | head -c 7
echo
python3 - <<'END'
import json
alone, file, truth = (json.load(open(name + ".json")) for name in ("alone", "file", "truth"))
for r in alone, file, truth:
    assert r.pop("seconds")["total"] > 0
assert alone == file
print(alone["command"], alone["seed"], alone["end"], alone["properties"], alone["automaton"]["kind"], alone["automaton"]["words"])
print("ambiguity" in alone["cluster"], truth["cluster"]["ambiguity"], truth["automaton"]["truth_fidelity"])
print(sorted(alone), sorted(alone["automaton"]), sorted(alone["rounds"][0]))
END
