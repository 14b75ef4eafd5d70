# Files that are not ours are left as they are.
net=$SPECS/coffee/coffee.safetensors
good() { expect 0 "$RNNSAFE" compare "$net" --cluster none --words 10 --resume "$1" -q >out; }
bad() {
    cp "$1" before
    expect 2 "$RNNSAFE" compare "$net" --cluster none --words 10 --resume "$1" 2>&1
    cmp "$1" before
}
good r.csv
good r.csv
wc -l <r.csv
sed 's/,seconds,/,hours,/' r.csv >other_columns.csv
sed '2s/,none,/,/' r.csv >missing_field.csv
sed '2s/,none,1,/,none,one,/' r.csv >not_a_number.csv
sed '2s/^/"/' r.csv >open_quote.csv
printf 'notes' >notes.txt
for file in other_columns.csv missing_field.csv not_a_number.csv open_quote.csv notes.txt; do bad $file; done
# A header that a crash cut.
head -c 20 r.csv >cut.csv
good cut.csv
cut -d, -f1-20 r.csv | cmp - <(cut -d, -f1-20 cut.csv)
mkdir folder
expect 2 "$RNNSAFE" compare "$net" --resume folder 2>&1
expect 2 "$RNNSAFE" compare "$net" --resume missing/r.csv 2>&1
