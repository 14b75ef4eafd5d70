# A bound on memory that holds what is recorded changes nothing; a tight one is said, in the rows and below them, and test words
# are run all the same; one that holds no word is the reason of a refusal.
needs python3
net=$SPECS/tomita3/tomita3.safetensors
compare() { expect "$1" "$RNNSAFE" compare "$net" --cluster behaviour,behaviour-passive,kmeans:clusters=10 -q "${@:2}"; }
compare 0 --csv free.csv >free
compare 0 --memory 1G --csv loose.csv >loose
compare 0 --memory 32K --csv tight.csv --threads 2 >tight
grep -c memory free loose
grep memory tight
python3 - <<'END'
import csv
free, loose, tight = (list(csv.DictReader(open(name + ".csv"))) for name in ("free", "loose", "tight"))
for a, b, c in zip(free, loose, tight):
    other = [name for name in a if a[name] != b[name] and name not in ("seconds", "peak_mib")]
    print(a["method"], other, a["cut"], c["cut"], int(c["points"]) < int(a["points"]), c["test_words"])
END
# Rows of another bound are other rows.
compare 0 --resume loose.csv --memory 32K >again
wc -l <loose.csv
compare 0 --memory 100 | awk '/refused:/ {sub("^[^ ]* *", ""); gsub("  *", " "); print}'
compare 1 --memory 0 2>&1
