# run.sh CASE/NAME.sh [ARGUMENT...]: runs the script in a folder of its own and compares standard output with CASE/NAME.out
# and the exit code with the script's line "# exit: N" (0 without one). Exit codes: 0 as expected, 77 the script skipped itself,
# 1 else. UPDATE=1 writes NAME.out instead. A script has RNNSAFE (the program), SPECS (the folder of examples), MANUAL
# (rnnsafe.1) and the functions below.
script=$(realpath "$1")
RNNSAFE=$(realpath "$RNNSAFE") SPECS=$(realpath "$SPECS") MANUAL=$(realpath -m "$MANUAL")
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
export -f expect skip needs case_of verdicts expected

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
