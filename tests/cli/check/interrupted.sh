# SIGINT and SIGTERM end a long check soon, with 130, a message, and no file.
for signal in INT TERM; do
    "$RNNSAFE" check $(case_of coffee) --hold-words 1000000000 --lengths 100..200 --json r.json 2>err >out &
    pid=$!
    sleep 1
    kill -$signal $pid
    wait $pid
    echo "$signal: $? $(cat err), $(wc -c <out) bytes"
done
ls
