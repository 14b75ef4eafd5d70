# A property that a trained network violates, and of the network retrained a proof that it holds for words of every length; the
# whole of what that one does, too, is what it should be.
case=$SPECS/crossing_repaired
grep -A 1 '^open_only_when_clear' "$SPECS/crossing/crossing.properties" >clear.properties
expect 10 "$RNNSAFE" certify "$SPECS/crossing/crossing.safetensors" clear.properties --guide "$SPECS/crossing/truth.dot" | sed -n '/^VERDICT/p'
expect 0 "$RNNSAFE" certify "$case/crossing_repaired.safetensors" clear.properties --guide "$case/truth.dot" --timeout 300 -o clear.certificate | verdicts
expect 0 "$VERIFY" clear.certificate "$case/crossing_repaired.safetensors" clear.properties | verdicts
# It is no proof about the network that was trained wrong.
expect 5 "$VERIFY" clear.certificate "$SPECS/crossing/crossing.safetensors" clear.properties | sed -n '/^VERDICT/p'
