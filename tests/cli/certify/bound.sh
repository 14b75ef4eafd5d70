# What is said without a proof: all words up to a length, and random ones.
last_symbol tie
echo 'never_accepts: out=reject' >never.properties
plain() { sed 's/  not proved: .*/  not proved: REASON/; s/UNKNOWN .*;/UNKNOWN REASON;/; s/ eps=[^ ]*//; s/ eps_logit=[^ ]*//; s/ headroom=[^ ]*//'; }
expect 5 "$RNNSAFE" certify last.safetensors never.properties --timeout 8 --bound 12 --hold-words 1000 --delta 0.05 --lengths 1..30 --json r.json | plain | sed -n '/^property/,$p'
sed -n '/"bounded"/,/^ *}$/p; /"statistical"/,/^ *}$/p' r.json
expect 5 "$RNNSAFE" certify last.safetensors never.properties --timeout 8 --hold-words 100 | plain | sed "s,exhaustive=[0-9]*,exhaustive=N," | tail -1
printf 'assume as: in=a | Y Y true\n' >words
expect 5 "$RNNSAFE" certify last.safetensors never.properties --timeout 8 --bound 6 --hold-words 500 --assume words | plain | sed -n '/bounded/,$p'
# Beside a proof, when asked.
last_symbol
expect 0 "$RNNSAFE" certify last.safetensors last.properties --bound 9 | plain | grep 'bounded\|^VERDICT'
# A word that repeated ones do not find, and all short words do not reach: the one of 17 symbols that takes a token to the
# end of a chain; unit 0 says that the first symbol is over. In `tied` the last unit makes every a a tie, so that proofs
# fail there and show no way to the word.
needs python3
python3 - <<'END'
import json, struct
word = "abbabaabbbaababab"
n = 2 + len(word)
chain, last, tie = range(1, n - 1), n - 2, n - 1
ih = [float("ab"[s] == (word + "a")[i - 1]) if i else 0.0 for i in range(n) for s in range(2)]
hh = [(-1.0 if i == 1 else 1.0) if j == i - 1 and i in chain else 0.0 for i in range(n) for j in range(n)]
bias = [1.0 if i == 0 else 0.0 if i in (1, tie) else -1.0 for i in range(n)]
for network, weight in (("tied", 0.5), ("register", 0.0)):
    out = [1.0 if i == last else weight if i == tie else 0.0 for i in range(n)]
    arrays = {"rnn.weight_ih_l0": ([n, 2], ih), "rnn.weight_hh_l0": ([n, n], hh), "rnn.bias_ih_l0": ([n], bias),
              "rnn.bias_hh_l0": ([n], [0.0] * n), "fc.weight": ([1, n], out), "fc.bias": ([1], [-0.5])}
    header, data = {}, b""
    for name, (shape, values) in arrays.items():
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + 4 * len(values)]}
        data += struct.pack("<%df" % len(values), *values)
    text = json.dumps(header).encode()
    open(network + ".safetensors", "wb").write(struct.pack("<Q", len(text)) + text + data)
    json.dump({"rnnsafe": 1, "cell": "relu", "alphabet": ["a", "b"], "outputs": ["reject", "accept"], "input": "onehot"}, open(network + ".json", "w"))
END
expect 10 "$RNNSAFE" certify tied.safetensors never.properties --guide last.dot --timeout 6 --json r.json | sed -n '/^property/,$p'
grep '"verdict"\|"kind"\|"method"' r.json
# Where the proof fails shows the way.
expect 10 "$RNNSAFE" certify register.safetensors never.properties --guide last.dot --json r.json | verdicts
grep '"method"' r.json
