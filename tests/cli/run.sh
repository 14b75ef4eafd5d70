# run.sh CASE/NAME.sh [ARGUMENT...]: runs the script in a folder of its own and compares standard output with CASE/NAME.out
# and the exit code with the script's line "# exit: N" (0 without one). Exit codes: 0 as expected, 77 the script skipped itself,
# 1 else. UPDATE=1 writes NAME.out instead. A script has RNNSAFE (the program), VERIFY (rnnsafe-verify), SPECS (the folder of
# examples), MANUAL (rnnsafe.1) and the functions below.
script=$(realpath "$1")
RNNSAFE=$(realpath "$RNNSAFE") VERIFY=$(realpath -m "$VERIFY") SPECS=$(realpath "$SPECS") MANUAL=$(realpath -m "$MANUAL")
golden=${script%.sh}.out
wanted=$(sed -n 's/^# exit: //p' "$script")
base=$(mktemp -d) || exit 1
trap 'rm -rf "$base"' EXIT
mkdir "$base/here"
unset NO_COLOR
export LC_ALL=C UNEXPECTED=$base/unexpected

# expect CODE COMMAND...: the test fails when the command ends with another code, also inside a pipe.
expect() {
    local want=$1 got
    shift
    "$@"
    got=$?
    [ "$got" = "$want" ] || echo "exit code $got, not $want: $*" >>"$UNEXPECTED"
}
# skip REASON
skip() {
    echo "skipped: $1" >&3
    exit 77
}
# needs PROGRAM...: skips the test where one is not installed.
needs() {
    for program in "$@"; do command -v "$program" >/dev/null || skip "no $program"; done
}
# case_of NAME: the arguments of check for an example.
case_of() {
    echo "$SPECS/$1/$1.safetensors" "$SPECS/$1/$1.properties"
}
# "NAME VERDICT" lines of a text of check, and of an expected.json.
verdicts() {
    sed -n 's/^VERDICT \([^ ]*\) \([A-Z]*\).*/\1 \2/p'
}
expected() {
    sed -n 's/^ *"\([^"]*\)": "\([A-Z]*\)",\{0,1\}$/\1 \2/p' "$SPECS/$1/expected.json"
}
# A network by hand, last.safetensors: its class is accept after a word that ends in a. With last.dot, which says so, and
# last.properties. `last_symbol tie` has two equal logits after an a, and so never accepts, by a hair.
last_symbol() {
    local header='{"rnn.weight_ih_l0":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"rnn.weight_hh_l0":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]},"rnn.bias_ih_l0":{"dtype":"F32","shape":[1],"data_offsets":[12,16]},"rnn.bias_hh_l0":{"dtype":"F32","shape":[1],"data_offsets":[16,20]},"fc.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[20,28]},"fc.bias":{"dtype":"F32","shape":[2],"data_offsets":[28,36]}}'
    local zero='\0\0\0\0' half='\0\0\0\077' one='\0\0\200\077'
    [ "$1" = tie ] && half=$one
    {
        printf "\\$(printf %03o $((${#header} % 256)))\\$(printf %03o $((${#header} / 256)))$zero\0\0%s" "$header"
        printf "$one$zero$zero$zero$zero$zero$one$half$zero"
    } >last.safetensors
    echo '{"rnnsafe": 1, "cell": "relu", "alphabet": ["a", "b"], "outputs": ["reject", "accept"], "input": "onehot"}' >last.json
    echo 'digraph { n; y [shape=doublecircle]; n -> y [label=a]; n -> n [label=b]; y -> y [label=a]; y -> n [label=b]; __start0 -> n }' >last.dot
    printf 'ends: in=a <-> out=accept\nnever_after_b: Y(in=b) -> (in=a | out=reject)\n' >last.properties
}
export -f last_symbol expect skip needs case_of verdicts expected

exec 3>&1
(cd "$base/here" && bash "$script" "${@:2}") >"$base/out" 2>"$base/err"
code=$?
sed -E -e "s#$SPECS#SPECS#g" -e "s#$base/here#HERE#g" -e 's/[0-9]+\.[0-9]+ s,/0.00 s,/' \
    -e 's/rnnsafe [0-9]+\.[0-9]+\.[0-9]+/rnnsafe VERSION/' "$base/out" >"$base/got"
[ "$code" = 77 ] && exit 77
[ -e "$UNEXPECTED" ] && cat "$UNEXPECTED" "$base/err" && exit 1
if [ -n "$UPDATE" ]; then
    cp "$base/got" "$golden"
elif ! diff -u "$golden" "$base/got"; then
    echo "standard output is not that of $golden; standard error was:"
    cat "$base/err"
    exit 1
fi
if [ "$code" != "${wanted:-0}" ]; then
    echo "exit code $code, not ${wanted:-0}; standard error was:"
    cat "$base/err"
    exit 1
fi
