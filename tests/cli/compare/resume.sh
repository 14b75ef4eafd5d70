# Rows that are there are not computed again; an interruption leaves whole rows, a crash may cut the last one.
net=$SPECS/coffee/coffee.safetensors
"$RNNSAFE" compare "$net" --cluster kmeans --words 2000 --seeds $(seq -s, 1 2000) --resume r.csv >out 2>err &
pid=$!
for i in $(seq 600); do
    [ -e r.csv ] && [ $(wc -l <r.csv) -gt 4 ] && break
    sleep 0.05
done
kill -INT $pid
wait $pid
echo "$? $(cat err) $(wc -c <out)"
head -n 5 r.csv >begin
printf '%s' "$(tail -n 1 begin | cut -c 1-150)" >cut
cat begin cut >r.csv
expect 0 "$RNNSAFE" compare "$net" --cluster kmeans --words 2000 --seeds 1,2,3,4,5,6 --resume r.csv --csv all.csv >out
head -n 5 r.csv | cmp - begin
wc -l <r.csv
cmp r.csv all.csv
cp r.csv before.csv
expect 0 "$RNNSAFE" compare "$net" --cluster kmeans --words 2000 --seeds 6,1 --resume r.csv --csv some.csv >out
cmp r.csv before.csv
cut -d, -f9 some.csv
# Another setting is another run.
expect 0 "$RNNSAFE" compare "$net" --cluster kmeans --words 2000 --test-words 100 --resume r.csv >out
expect 0 "$RNNSAFE" compare "$net" --cluster kmeans --words 2000 --truth "$SPECS/coffee/truth.dot" --resume r.csv >out
expect 0 "$RNNSAFE" compare "$net" --cluster kmeans --words 2001 --resume r.csv >out
expect 0 "$RNNSAFE" compare "$net" --cluster kmeans --words 2000 --lengths 1..5 --resume r.csv >out
wc -l <r.csv
