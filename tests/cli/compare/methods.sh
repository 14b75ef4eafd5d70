# What the list of methods cannot be; the messages say what there is.
net=$SPECS/coffee/coffee.safetensors
for list in magic kmeans:magic=1 kmeans:clusters=0 kmeans:clusters=A kmeans:clusters=8B kmeans:restarts=2A kmeans:clusters \
    kmeans:preprocess=fast dbscan:eps=-1 dbscan:eps=nan behaviour:clusters=3 "" kmeans, kmeans,kmeans; do
    expect 1 "$RNNSAFE" compare "$net" --cluster "$list" 2>&1 | sed 's/there are .*/there are .../'
done
expect 1 "$RNNSAFE" compare "$net" --cluster magic 2>&1 | grep -c 'there are behaviour, behaviour-passive, .*kmeans'
expect 1 "$RNNSAFE" compare "$net" --cluster kmeans:magic=1 2>&1 | grep -c 'there are clusters, .*bandwidth_divisor'
for seeds in "" 1,,2 1,1 one 1, -1; do expect 1 "$RNNSAFE" compare "$net" --seeds "$seeds" 2>&1; done
expect 0 "$RNNSAFE" compare "$net" --cluster kmeans:clusters=5:preprocess=pca:components=2,none -q | awk '/^\// {print $2, $4}'
# All there are.
expect 0 "$RNNSAFE" compare "$net" --cluster all --words 40 --test-words 100 -q --csv all.csv >out
awk -F, 'NR > 1 {print $8}' all.csv >ran
expect 0 "$RNNSAFE" help compare | sed -n 's/^ \{28\}\([a-z][a-z-]*\): .*/\1/p' | cmp - ran
