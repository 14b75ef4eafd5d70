# exit: 10
# The verdicts come last, each with what stands behind it.
"$RNNSAFE" check $(case_of coffee) -q >text
code=$?
grep -A 9 -x 'property coin_button_coffee: .*' text | grep -E '^( *moment| *[0-9]|  viol)'
tail -n 9 text | sed -E 's/exhaustive=[0-9]+/exhaustive=N/'
exit $code
