# Usage is 1; files that are bad or must not be written over are 2, and stay as they were.
net=$SPECS/coffee/coffee.safetensors
expect 1 "$RNNSAFE" convert "$net" 2>&1
expect 1 "$RNNSAFE" convert "$net" -o coffee.pt 2>&1
expect 1 "$RNNSAFE" convert 2>&1
expect 1 "$RNNSAFE" convert "$net" -o new.safetensors --threads 2 2>&1
expect 2 "$RNNSAFE" convert missing.pt -o new.safetensors 2>&1
expect 2 "$RNNSAFE" convert "$net" -o missing/new.safetensors 2>&1 | sed 's/: No such.*//'
expect 0 "$RNNSAFE" convert "$net" -o own.safetensors
cp own.safetensors own.copy
expect 2 "$RNNSAFE" convert own.safetensors -o ./own.safetensors 2>&1
cmp own.safetensors own.copy
mv own.safetensors own.pt
expect 2 "$RNNSAFE" convert own.pt -o own.safetensors 2>&1
cp own.json other.json
expect 2 "$RNNSAFE" convert own.pt -o other.safetensors 2>&1
ls
