# The digest is that of the file, whatever the file.
net=$SPECS/coffee/coffee.safetensors
expect 0 "$RNNSAFE" info "$net" | sed "s/$(sha256sum "$net" | cut -d' ' -f1)/DIGEST/"
