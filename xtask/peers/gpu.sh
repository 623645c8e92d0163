#!/usr/bin/env bash
# Times every stage of UniTok on a machine's GPU beside PyTorch on the same GPU, and prints one table, in at most six minutes.
#
#     xtask/peers/gpu.sh PROGRAM DATA
#
# PROGRAM is a release build of `unitok`. DATA has rq.npz, layers.npz, rows.npz, texts.txt and the folders model and
# text-model: `cargo xtask bench` leaves the files in target/bench/data, `cargo xtask text-model` and www/models/default are
# the folders. PyTorch and sentence-transformers are raced where Python has them. All begin and end in the host's memory, so
# wall times are compared: medians of ROUNDS (3) interleaved rounds of SECONDS_EACH (2) seconds. No run begins after MINUTES (5).
# DEVICE=cpu tries the script out where there is no CUDA device; the figures then mean nothing.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
if [ $# -ne 2 ] || [ ! -x "$1" ] || [ ! -d "$2" ]; then
    sed -n '2,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
fi
program="$1" data="$2"
for name in rq.npz layers.npz rows.npz texts.txt model text-model; do
    [ -e "$data/$name" ] || { echo "$data has no $name" >&2; exit 2; }
done
end=$(($(date +%s) + 60 * ${MINUTES:-5}))
runs="$(mktemp)"
trap 'rm -f "$runs"' EXIT
common=(--threads "$(nproc)" --seconds "${SECONDS_EACH:-2}")
export UNITOK_TEXT_MODEL="$data/text-model"

# Runs a contender of a stage and keeps its line of JSON; one that fails is left out, and says why.
contend() {
    local stage="$1" name="$2" line
    shift 2
    [ "$(date +%s)" -lt "$end" ] || return 0
    if line="$(timeout 60 "$@" "${common[@]}" | tail -n 1)" && [ -n "$line" ]; then
        printf '%s\t%s\t%s\n' "$stage" "$name" "$line" >>"$runs"
        echo "$stage $name $line" >&2
    else
        echo "$stage $name: left out" >&2
    fi
}

peer() {
    local stage="$1" name="$2" script="$3"
    shift 3
    contend "$stage" "$name" python3 "$here/$script" "$@" --only "$name" --device "${DEVICE:-cuda}"
}

for _ in $(seq "${ROUNDS:-3}"); do
    ours=(--device gpu --json)
    contend rq unitok "$program" bench rq --data "$data/rq.npz" "${ours[@]}"
    for name in torch_by_hand torch_compiled; do
        peer rq "$name" rq.py --data "$data/rq.npz"
    done
    contend encode unitok "$program" bench encode --data "$data/layers.npz" "${ours[@]}"
    for name in torch torch_compiled; do
        peer encode "$name" mlp.py --data "$data/layers.npz"
    done
    contend tokenize unitok "$program" bench tokenize --data "$data/rows.npz" --model "$data/model" "${ours[@]}"
    for name in torch torch_compiled; do
        peer tokenize "$name" end_to_end.py --data "$data/rows.npz" --model "$data/model"
    done
    contend text unitok "$program" bench text --texts "$data/texts.txt" --text-model "$data/text-model" "${ours[@]}"
    for name in sentence-transformers sentence-transformers-compiled; do
        peer text "$name" text.py "$data/texts.txt" "$data/text-model"
    done
done

python3 - "$runs" <<'PYTHON'
import json, statistics, sys

rates, devices = {}, set()
for line in open(sys.argv[1], encoding="utf-8"):
    stage, name, text = line.rstrip("\n").split("\t")
    report = json.loads(text)
    rates.setdefault(stage, {}).setdefault(name, []).append(report["items_per_second"])
    if name == "unitok":
        devices.add(json.dumps(report.get("adapter")))
print(f"adapter: {', '.join(sorted(devices)) or 'none'}\n")
print("| stage | contender | items/s | ours over it |\n|---|---|---|---|")
for stage, contenders in rates.items():
    medians = {name: statistics.median(values) for name, values in contenders.items()}
    for name, rate in medians.items():
        ratio = f"{medians['unitok'] / rate:.2f}" if "unitok" in medians and name != "unitok" else ""
        print(f"| {stage} | {name} | {rate:,.0f} | {ratio} |")
PYTHON
