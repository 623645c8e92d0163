#!/usr/bin/env bash
# Scores the tokens that `unitok compare --out OUT` made with the decoder-only recommender at full width on a GPU, by dec.py.
#
#     xtask/peers/compare-gpu.sh OUT CATALOG...
#
# CATALOG is a folder with sequences.txt, as for `unitok compare`. Needs Python with PyTorch. The most telling cells come
# first: every seed of UniTok and of the best tokenizers a domain before controls and variants. Each finished cell is a line
# of OUT/gpu.jsonl; a rerun goes on after the last. No cell begins after MINUTES (8), and one ends within two.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
if [ $# -lt 2 ]; then
    echo "usage: $0 OUT CATALOG..." >&2
    exit 2
fi
out="$1"
shift
results="$out/gpu.jsonl"
end=$((SECONDS + 60 * ${MINUTES:-8}))
touch "$results"

# Prints the folders of tokens whose names begin with one of the systems, in the order of the systems, then the others.
folders() {
    local systems=(unitok tiger lc-rec letter unitok-1 itemid random) system
    {
        for system in "${systems[@]}"; do
            find "$out/tokens" -mindepth 1 -maxdepth 1 -type d \( -name "$system" -o -name "$system.*" \) | sort
        done
        find "$out/tokens" -mindepth 1 -maxdepth 1 -type d | sort
    } | awk '!seen[$0]++'
}

for seed in 1 2 3; do
    for catalog in "$@"; do
        domain="$(basename "$catalog")"
        while read -r folder; do
            index="$folder/$domain.index.json"
            cell="\"cell\": \"$domain/$(basename "$folder")/$seed\""
            if [ ! -f "$index" ] || grep -qF "$cell" "$results"; then
                continue
            fi
            if [ "$SECONDS" -ge "$end" ]; then
                echo "time is up: run the same command again to go on" >&2
                exit 0
            fi
            line="$(python3 "$here/dec.py" --index "$index" --sequences "$catalog/sequences.txt" --seed "$seed" --limit 80)"
            echo "{$cell, ${line#\{}" | tee -a "$results"
        done < <(folders)
    done
done
