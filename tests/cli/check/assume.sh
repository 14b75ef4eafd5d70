# Properties under an assumption: only words that satisfy it are evidence, and a counterexample satisfies it.
net=$SPECS/crossing/crossing.safetensors
cat >one.properties <<'END'
leave_opens: leave -> out=open
assume one_at_a_time: approach -> !Y (!leave S approach)
leave_opens_for_one: leave -> out=open
leave_closes: leave -> out=closed
assume tick_first: tick | Y true
    # and so on
ticks_open: H tick -> out=open
END
expect 10 "$RNNSAFE" check "$net" one.properties -q --json one.json | sed -n '/^property/,$p'
sed -n 's/^ *\("name"\|"assuming"\|"words"\|"drawn"\)/\1/p' one.json
expect 10 "$RNNSAFE" replay "$net" "approach approach leave" --properties one.properties --json replay.json | sed -n '/^leave/,$p'
sed -n 's/^ *"\(assum.*\|violated.*\)/\1/p' replay.json
expect 0 "$RNNSAFE" replay "$net" "tick tick tick" --properties one.properties | sed -n '/^leave/,$p'
# None of the random words is one that it is about: nothing is said of them.
printf 'assume leaves: leave\np: out=open\n' >slow.properties
expect 5 "$RNNSAFE" check "$net" slow.properties -q --lengths 30..40 --hold-words 50 | tail -1
# What cannot be assumed.
exec 2>&1
printf 'assume x: in=leave\n' >bad.properties
expect 2 "$RNNSAFE" check "$net" bad.properties
printf 'assume x: leave -> out=open\np: out=open\n' >bad.properties
expect 2 "$RNNSAFE" check "$net" bad.properties
printf 'assume x: tick\np: leave -> out=open\n' >bad.properties
expect 2 "$RNNSAFE" check "$net" bad.properties
