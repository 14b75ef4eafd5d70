# A file is whole or untouched: a write that the system refuses leaves the old file and nothing beside it.
net=$SPECS/coffee/coffee.safetensors
echo old >a.dot
limited() {
    trap '' XFSZ
    ulimit -f 0
    "$RNNSAFE" extract "$net" -q -o a.dot 2>&1
    echo $?
}
limited | cat
cat a.dot
ls
expect 2 "$RNNSAFE" extract "$net" -q -o missing/a.dot 2>&1
