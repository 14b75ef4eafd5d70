# The manual page renders without warnings and holds every command and option.
needs man
[ -s "$MANUAL" ] || skip "no $MANUAL"
man --warnings=w -l "$MANUAL" >page 2>warnings || skip "man does not run here"
cat warnings
grep -c 'EXIT STATUS' page
for command in info extract check replay compare export; do
    grep -q "rnnsafe $command" page || echo "no $command"
    "$RNNSAFE" "$command" --help | grep -oE -e '--[a-z-]+' | sed 's/-/\\-/g' | while IFS= read -r option; do
        grep -qF -e "$option" "$MANUAL" || echo "no $option"
    done
done
