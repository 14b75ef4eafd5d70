# Output that cannot be written is an error that is said.
[ -e /dev/full ] || skip "no /dev/full"
expect 2 "$RNNSAFE" --help 2>&1 >/dev/full
expect 2 "$RNNSAFE" info "$SPECS/coffee/coffee.safetensors" 2>&1 >/dev/full
expect 2 "$RNNSAFE" info "$SPECS/coffee/coffee.safetensors" --json /dev/full 2>&1
[ -c /dev/full ] && echo "/dev/full is still a device"
expect 2 "$RNNSAFE" extract "$SPECS/coffee/coffee.safetensors" -q 2>&1 >/dev/full
expect 2 "$RNNSAFE" info "$SPECS/coffee/coffee.safetensors" 2>&1 >&-
(sleep 0.3; "$RNNSAFE" info "$SPECS/coffee/coffee.safetensors" 2>err; echo $? >code) | true
cat code err
