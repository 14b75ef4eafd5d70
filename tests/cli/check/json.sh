needs python3
expect 10 "$RNNSAFE" check $(case_of coffee) --json - -q >r.json
python3 - <<'END'
import json
r = json.load(open("r.json"))
for p in r["properties"]:
    g = p["guarantee"]
    print(p["name"], p["verdict"], g["kind"], sorted(p["engines"]))
    if p["verdict"] == "VIOLATED":
        c = p["counterexample"]
        print(" ", c["word"], c["outputs"])
    else:
        print(" ", g["delta"], g["words"], g["distribution"], 0 < g["epsilon"] < 0.001, g["exhaustive"] > 2)
print(r["network_steps"] > 1000, sorted(r["seconds"]))
END
