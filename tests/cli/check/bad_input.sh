net=$SPECS/coffee/coffee.safetensors
expect 2 "$RNNSAFE" check "$net" missing.properties -q 2>&1
echo 'p: brewing ->' >p.properties
expect 2 "$RNNSAFE" check "$net" p.properties -q 2>&1 | grep -c '^rnnsafe: p.properties:1:'
echo 'p: brewing -> tea' >p.properties
expect 2 "$RNNSAFE" check "$net" p.properties -q 2>&1 | grep -c '^rnnsafe: p.properties:1:15: .*tea'
: >p.properties
expect 2 "$RNNSAFE" check "$net" p.properties -q 2>&1 | grep -c '^rnnsafe: p.properties: '
expect 2 "$RNNSAFE" check missing.pt "$SPECS/coffee/coffee.properties" -q 2>&1
expect 1 "$RNNSAFE" check "$net" "$SPECS/coffee/coffee.properties" --clusters 1000000 -q 2>&1 | grep -c '^rnnsafe: '
