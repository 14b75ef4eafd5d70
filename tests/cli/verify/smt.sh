# The finite part of proofs as SMT-LIB 2: other solvers say unsat, and sat of what is no proof.
needs z3
last_symbol
expect 0 "$RNNSAFE" certify last.safetensors last.properties -o good -q >/dev/null
expect 0 "$RNNSAFE" verify good last.safetensors last.properties --dump-smt smt | verdicts
ls smt
command -v cvc5 >/dev/null && solvers="z3 cvc5" || solvers="z3 z3"
for solver in $solvers; do
    "$solver" smt/ends.proof.smt2
    "$solver" smt/never_after_b.proof.smt2
    # A node in another state of the monitor; a symbol that is not followed; a start that is no region.
    sed '0,/(assert (= (at 0) 0))/s//(assert (= (at 0) 1))/' smt/ends.proof.smt2 >mutant.smt2
    "$solver" mutant.smt2
    sed '0,/(assert (followed 0 1))/s//(assert (not (followed 0 1)))/' smt/ends.proof.smt2 >mutant.smt2
    "$solver" mutant.smt2
    sed 's/^(< 0 [0-9]*) (= (at 0) 0)/(< 0 0) (= (at 0) 0)/' smt/ends.proof.smt2 >mutant.smt2
    cmp -s mutant.smt2 smt/ends.proof.smt2 && echo "the start is another"
    "$solver" mutant.smt2
    # And the monitor's bad state in place of a good one.
    sed 's/^(assert (not (bad 0)))/(assert (bad 0))/' smt/ends.proof.smt2 >mutant.smt2
    "$solver" mutant.smt2
done
# What is refused has no finite part; rnnsafe-verify does without.
sed 's/eps="[0-9]*"/eps="0"/' good >bad
expect 5 "$RNNSAFE" verify bad last.safetensors last.properties --dump-smt none >/dev/null
ls none
touch file
expect 2 "$RNNSAFE" verify good last.safetensors last.properties --dump-smt file >/dev/null
expect 1 "$VERIFY" good last.safetensors last.properties --dump-smt smt >/dev/null
