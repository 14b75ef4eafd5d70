#!/usr/bin/env bash
# The tables of RESULTS.md: methods of clustering on a folder of networks with their truths, as Markdown on standard output.
#
#   benchmarks/results.sh FOLDER [WORK] >benchmarks/RESULTS.md
#
# FOLDER has a manifest.csv, as docs/comparison.md describes. Regular networks count when they learned their automaton (agreement of
# at least 0.999); context-free ones come apart. Rows are kept in WORK (build/results): the command may be broken off and run
# again. All 477 networks of benchmarks/README.md take about 40 minutes of a core.
#
# RNNSAFE is the program (build/release/rnnsafe), SEEDS are the seeds (1,2,3), EVERY=13 takes each 13th network alone.
set -euo pipefail
folder=${1:?usage: results.sh FOLDER [WORK]}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=${2:-$root/build/results}
program=${RNNSAFE:-$root/build/release/rnnsafe}
seeds=${SEEDS:-1,2,3}
every=${EVERY:-1}
table=$folder/manifest.csv
mkdir -p "$work"

regular=behaviour,behaviour-passive,kmeans:clusters=1A,kmeans:clusters=8A,ward:clusters=8A,average:clusters=8A
# Methods by density are not stopped at the 64 clusters that are their default.
for method in dbscan:eps=1.5 dbscan hdbscan optics meanshift:bandwidth_divisor=4 meanshift:bandwidth_divisor=8; do
    regular+=,$method:max_clusters=1000
done
regular+=,xmeans,pca-grid:clusters=8A
# Without a truth there is nothing to count clusters by.
free=${regular//:clusters=?A/}
free=$(tr ',' '\n' <<<"$free" | awk '!seen[$0]++' | paste -sd,)

# run NAME METHODS OPTION...: the totals of the table.
run() {
    local name=$1 methods=$2 files=()
    if [ "$every" -gt 1 ]; then
        mapfile -t files < <(awk -F, -v every="$every" 'NR > 1 && NR % every == 2 {print $1}' "$table")
    fi
    "$program" compare --manifest "$table" --cluster "$methods" --seeds "$seeds" --resume "$work/$name.csv" \
        --json "$work/$name.json" "${@:3}" -- "${files[@]}" >"$work/$name.txt"
    sed '1,/^$/d; s/^/    /' "$work/$name.txt"
}

echo "# Methods of clustering side by side"
echo
[ "$every" = 1 ] && which="all networks" || which="network 1 of every $every"
echo "Made by benchmarks/results.sh with $("$program" --version), seeds $seeds, $which. docs/comparison.md says what the columns mean."
echo
echo "## Networks that learned their automaton (agreement of at least 0.999)"
echo
run regular "$regular" --agreement 0.999
echo
echo "## Networks of context-free languages"
echo
run free "$free" --kind cfg
