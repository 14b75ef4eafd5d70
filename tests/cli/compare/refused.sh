# A method that refuses a network has a row with the reason, and the others go on.
net=$SPECS/coffee/coffee.safetensors
expect 0 "$RNNSAFE" compare "$net" --cluster kmeans:clusters=900000,kmeans:clusters=2A,none -q | sed 's/of [0-9]* points/of N points/' | awk 'NR > 1 && NR < 4 {sub("^[^ ]* *", ""); gsub("  *", " "); print} NR == 4 {print $2, $4}'
