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
def lacks(value, *members):
    print([m for m in members if m not in value])
lacks(alone, "tool", "version", "command", "seed", "network", "cluster", "automaton", "rounds", "properties", "network_steps")
lacks(alone["network"], "file", "sha256", "cell", "layers", "hidden", "alphabet", "outputs")
lacks(alone["automaton"], "kind", "states", "transitions", "fidelity", "words")
lacks(alone["rounds"][0], "round", "states", "fidelity", "spurious")
lacks(alone["cluster"]["placement"], "kind", "states", "pieces", "margin", "recorded", "misplaced", "agreement")
print(alone["cluster"]["placement"]["misplaced"], alone["cluster"]["placement"]["agreement"] > 0.99)
END
