# Files that are no certificates.
last_symbol
exec 2>&1
"$RNNSAFE" certify last.safetensors last.properties -o good -q >/dev/null
for program in "$RNNSAFE verify" "$VERIFY"; do
    expect 2 $program nowhere last.safetensors last.properties
    expect 2 $program last.dot last.safetensors last.properties
    head -n -1 good >cut
    expect 2 $program cut last.safetensors last.properties
    sed 's/unit="2^-40"/unit="2^-41"/' good >unit
    expect 2 $program unit last.safetensors last.properties
    sed 's/<certificate/<!DOCTYPE c [<!ENTITY e SYSTEM "last.json">]>&/' good >entity
    expect 2 $program entity last.safetensors last.properties
    printf '<?xml version="1.0" encoding="EUC-JP"?>\n<certificate unit="\377\377\376"/>' >encoding
    expect 2 $program encoding last.safetensors last.properties
    expect 2 $program good nowhere.safetensors last.properties
    expect 2 $program good last.safetensors nowhere.properties
    expect 1 $program good last.safetensors
    expect 1 $program good last.safetensors last.properties --equal last.dot
    expect 1 $program good
    expect 1 $program --nonsense
    expect 1 $program good last.safetensors --equal
done
