# The property of an automaton is named after its file, as a property that may be the name of a file.
net=$SPECS/tomita3/tomita3.safetensors
mkdir 'f o'
for name in '..up' 'f o/a b' '-x'; do
    cp "$SPECS/tomita3/truth.dot" "./$name.dot"
    expect 0 "$RNNSAFE" check -q -o out -- "$net" "$name.dot" | verdicts
done
