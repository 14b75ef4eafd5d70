# Colour on a terminal only, and not with NO_COLOR.
needs script
echo 'p: !brewing' >p.properties
run() {
    script -qec "$RNNSAFE check $SPECS/coffee/coffee.safetensors p.properties" typescript </dev/null | grep -c $'\033\[1;31mVIOLATED'
}
TERM=xterm run
TERM=dumb run
TERM=xterm NO_COLOR=1 run
TERM=xterm NO_COLOR= run
TERM=xterm "$RNNSAFE" check "$SPECS/coffee/coffee.safetensors" p.properties -q | grep -c $'\033'
# Progress shows on a terminal, and -q silences it.
progress() {
    script -qec "$RNNSAFE check $SPECS/coffee/coffee.safetensors p.properties --hold-words 1000000 $1" typescript </dev/null |
        grep -c $'\r\033\[K[a-z]'
}
TERM=xterm progress | grep -cv '^0$'
TERM=xterm progress -q
true
