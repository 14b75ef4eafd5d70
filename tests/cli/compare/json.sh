# The JSON has the rows of the CSV, under the same names, and the totals.
needs python3
net=$SPECS/tomita3/tomita3.safetensors
expect 0 "$RNNSAFE" compare "$net" --truth "$SPECS/tomita3/truth.dot" --cluster none,kmeans:clusters=4A,kmeans:clusters=900000,behaviour \
    --seeds 1,2 --json j.json --csv c.csv -q >text
expect 0 "$RNNSAFE" compare "$net" --cluster none --json - >alone.json
expect 0 "$RNNSAFE" compare "$net" --cluster none --csv - >alone.csv
expect 1 "$RNNSAFE" compare "$net" --cluster none --csv - --json - 2>&1
python3 - <<'END'
import csv, json
report = json.load(open("j.json"))
print(report["tool"], report["command"], len(report["rows"]), len(report["totals"]))
rows = list(csv.DictReader(open("c.csv")))
def same(text, value):
    if value is None: return text == ""
    if isinstance(value, bool): return text == ("true" if value else "false")
    if isinstance(value, (int, float)): return float(text) == value
    return text == value
assert len(rows) == len(report["rows"]) == 8
for a, b in zip(rows, report["rows"]):
    assert list(a) == list(b), (list(a), list(b))
    assert all(same(a[name], b[name]) for name in a), (a, b)
for r in report["rows"]:
    print(r["method"], r["seed"], r["clusters"], r["truth_states"], r["equivalent"], r["refused"][:15],
          r["fidelity"] is None or r["fidelity_low"] <= r["fidelity"] <= r["fidelity_high"], (r["peak_mib"] or 0) > 1, type(r["peak_of_run"]).__name__)
for t in report["totals"]:
    print(t["method"], t["runs"], t["refused"], t["with_truth"], t["median_clusters"], t["share_equivalent"], t["share_clusters_near"])
alone = json.load(open("alone.json"))["rows"]
print(len(alone), alone[0]["truth_states"], alone[0]["ambiguity"], alone[0]["equivalent"], len(list(csv.reader(open("alone.csv")))))
END
