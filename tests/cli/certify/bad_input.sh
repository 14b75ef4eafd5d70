# Arguments that cannot be meant, files that are bad.
last_symbol
exec 2>&1
expect 1 "$RNNSAFE" certify last.safetensors
expect 1 "$RNNSAFE" certify last.safetensors last.properties --equal last.dot
expect 1 "$RNNSAFE" certify last.safetensors last.properties --eps 2
expect 2 "$RNNSAFE" certify last.safetensors nowhere.properties
expect 2 "$RNNSAFE" certify last.safetensors --equal nowhere.dot
sed 's/label=b/label=c/' last.dot >other.dot
expect 2 "$RNNSAFE" certify last.safetensors --equal other.dot
expect 2 "$RNNSAFE" certify last.safetensors last.properties --guide other.dot
expect 2 "$RNNSAFE" certify last.safetensors last.properties -o nowhere/last.certificate
expect 1 "$RNNSAFE" verify last.certificate
