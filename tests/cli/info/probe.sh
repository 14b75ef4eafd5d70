# Class and logits after each symbol; shortened here, as the last of their nine digits may be another on another machine.
needs python3
net=$SPECS/tomita3/tomita3.safetensors
shorter() { sed -E 's/([0-9]\.[0-9]{3})[0-9]{2,9}/\1/g'; }
expect 0 "$RNNSAFE" info "$net" --probe "1 0" --probe 110 | sed -n '/^probe/,$p' | shorter
expect 0 "$RNNSAFE" info "$net" --probe "1 0" --probe 110 --json - >probe.json
expect 0 "$RNNSAFE" info "$net" --json - | grep -c '"probe"'
python3 - <<'END' | shorter
import json
for p in json.load(open("probe.json"))["probe"]:
    print(p["word"], p["outputs"], [["%.9g" % v for v in row] for row in p["logits"]])
END
expect 2 "$RNNSAFE" info "$net" --probe "1 x" 2>&1 | grep -c '"x"'
expect 0 "$RNNSAFE" info "$net" --probe "" | tail -n 1
expect 1 "$RNNSAFE" info "$net" --probe 2>&1
expect 1 "$RNNSAFE" info "$net" $(for i in $(seq 65); do echo --probe 1; done) 2>&1
