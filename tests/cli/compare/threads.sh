# The rows are the same for any number of threads, but for seconds and memory.
for threads in 1 2; do
    expect 0 "$RNNSAFE" compare "$SPECS/coffee/coffee.safetensors" --truth "$SPECS/coffee/truth.dot" --threads $threads -q --csv - \
        --cluster behaviour,behaviour-passive,kmeans:clusters=3A,ward,dbscan | cut -d, -f1-26 >$threads.csv
done
wc -l <1.csv
cmp 1.csv 2.csv
