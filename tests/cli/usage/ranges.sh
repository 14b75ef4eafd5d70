# Values out of range are refused before anything is read.
for option in seed=-1 seed=x seed= seed=1.5 seed=99999999999999999999 threads=0 threads=1e3 threads=4096 words=0 delta=0 delta=0.6 \
    delta=nan delta=0.1x timeout=0 timeout=-1 timeout=inf clusters=0 max-rounds=0 max-clusters=0 max-steps=0 "seed= 1" seed=+1 memory=0 memory=1T memory=-1 memory=1e9; do
    expect 1 "$RNNSAFE" check missing.pt missing.properties "--$option" 2>&1
done
# Those at the borders are taken: now the file is missed.
for option in seed=0 seed=9000000000000000000 threads=1 threads=1024 delta=0.5 timeout=0.001 max-rounds=1 memory=1 memory=900G; do
    expect 2 "$RNNSAFE" check missing.pt missing.properties "--$option" 2>&1
done
