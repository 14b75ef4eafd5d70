# Z3 and cvc5 answer the dumped questions alike, and as the verdicts say: for Horn clauses unsat means violated, for bounded
# model checking sat does.
needs z3 cvc5
expect 10 "$RNNSAFE" check $(case_of coffee) -q --dump-smt smt >text
verdicts <text | while read -r name verdict; do
    chc=sat bmc=unsat
    [ "$verdict" = VIOLATED ] && chc=unsat bmc=sat
    for solver in "z3 -T:60" "cvc5 --tlimit=60000"; do
        got="$($solver "smt/$name.chc.smt2" | head -n 1)"
        [ "$got" = $chc ] || echo "$solver: $name.chc.smt2 is $got, not $chc"
        got="$($solver "smt/$name.bmc.smt2" | head -n 1)"
        [ "$got" = $bmc ] || echo "$solver: $name.bmc.smt2 is $got, not $bmc"
    done
done
ls smt | wc -l
