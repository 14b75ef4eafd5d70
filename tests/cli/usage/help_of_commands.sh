# Every command that the overview lists explains itself, with every common option, in lines of at most 80 characters.
"$RNNSAFE" --help | sed -n '/^usage/,/^"/s/^  \([a-z]*\) .*/\1/p' >commands
cat commands
while read -r command; do
    expect 0 "$RNNSAFE" "$command" --help >long
    expect 0 "$RNNSAFE" help "$command" | cmp - long
    grep -q "^usage: rnnsafe $command " long || echo "$command: no usage"
    for option in verbose quiet help version; do grep -q -e "--$option" long || echo "$command: no --$option"; done
    awk -v c="$command" 'length > 80 {print c ": " $0}' long
done <commands
