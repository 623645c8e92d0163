#!/usr/bin/env bash
# Scores the tokens that `unitok compare --out OUT` made with the decoder-only recommender at full width on a GPU, by dec.py.
#
#     xtask/peers/compare-gpu.sh OUT CATALOG...
#
# CATALOG is a folder with sequences.txt, as for `unitok compare`. Needs Python with PyTorch. The most telling cells come
# first: UniTok and the best tokenizers a domain before controls, a seed before the next. JOBS (6) of them share the GPU,
# which one leaves idle most of the time. A finished cell is a file of OUT/gpu, and a rerun does those that are not there.
# No cell begins after MINUTES (6), and a rate schedule ends each within LIMIT (120) seconds of training.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
if [ $# -lt 2 ]; then
    echo "usage: $0 OUT CATALOG..." >&2
    exit 2
fi
out="$1"
shift
end=$(($(date +%s) + 60 * ${MINUTES:-6}))
mkdir -p "$out/gpu"

# Prints the folders of tokens of a seed, whose names are SYSTEM.TRAINING.HASH.PRESET.SEED, in the order of the systems.
folders() {
    local systems=(unitok tiger letter unitok-histories unitok-1 lc-rec unitok-taught itemid random) system
    {
        for system in "${systems[@]}"; do
            find "$out/tokens/" -mindepth 1 -maxdepth 1 -type d -name "$system.*.$1" | sort
        done
        find "$out/tokens/" -mindepth 1 -maxdepth 1 -type d -name "*.$1" | sort
    } | awk '!seen[$0]++'
}

# Prints the cells that are to be scored, each as its index, its interactions, its seed and its file.
cells() {
    local seed catalog folder domain index cell
    for seed in 1 2 3; do
        while read -r folder; do
            for catalog in "$@"; do
                domain="$(basename "$catalog")"
                index="$folder/$domain.index.json"
                cell="$out/gpu/$domain.$(basename "$folder").json"
                if [ -f "$index" ] && [ ! -s "$cell" ]; then
                    printf '%s\0' "$index" "$catalog/sequences.txt" "$seed" "$cell"
                fi
            done
        done < <(folders "$seed")
    done
}

# Scores one cell, unless time is up.
score() {
    if [ "$(date +%s)" -ge "$end" ]; then
        return
    fi
    if python3 "$here/dec.py" --index "$1" --sequences "$2" --seed "$3" --limit "${LIMIT:-120}" >"$4.part"; then
        mv "$4.part" "$4"
        echo "$(basename "$4" .json) $(cat "$4")"
    fi
}

export -f score
export here end
cells "$@" | xargs -0 -r -n 4 -P "${JOBS:-6}" bash -c 'score "$@"' score
if [ "$(date +%s)" -ge "$end" ]; then
    echo "time is up: run the same command again to go on" >&2
fi
