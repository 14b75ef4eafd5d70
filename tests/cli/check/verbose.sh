# Logs go to standard error and change nothing else.
expect 10 "$RNNSAFE" check $(case_of crossing) 2>silent | grep -v '^ended' >plain
expect 10 "$RNNSAFE" check $(case_of crossing) -vv 2>log | grep -v '^ended' | cmp - plain
expect 10 "$RNNSAFE" check $(case_of crossing) -vv -q 2>quiet | grep -v '^ended' | cmp - plain
wc -c <silent
[ -s log ] && echo "a log"
wc -c <quiet
