#!/bin/bash
# whole_process.sh [--hearsay PROGRAM] [--engine PROGRAM] [--repetitions N] [--write FILE]
#
# Runs the scenarios bench_*.yaml as whole processes, start-up included, N times in turn
# (default 5; but for w1 to w3 at most 3), and prints tables in Markdown: wall and CPU
# seconds, peak memory, events per second, digests, beside the best other system. With
# --write the tables go to FILE too, headed by a description of the machine and followed
# by the output of the engine benchmark. Fails if a run does, or if two runs of one
# scenario differ in a digest; a limit that is missed is only marked.
set -euo pipefail
export LC_ALL=C
TIMEFORMAT='%R %U %S'

root=$(cd "$(dirname "$0")/.." && pwd)
hearsay=$root/build/node/hearsay
engine=$root/build/bench/engine_bench
repetitions=5
file=
while [ $# -gt 0 ]; do
  case $1 in
    --hearsay) hearsay=$2 ;;
    --engine) engine=$2 ;;
    --repetitions) repetitions=$2 ;;
    --write) file=$2 ;;
    *)
      echo "whole_process.sh: unknown option $1" >&2
      exit 2
      ;;
  esac
  shift 2
done
cores=$(nproc)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Wall seconds of the best other system, and of a bare LibTorch program with two threads
# that takes the same steps without exchange and tests: medians from
# results/reference/baselines.md, where the systems and the machine are described.
declare -A other=([w1]=67.5 [w2]=9.2 [w3]=45.9)
declare -A other_name=([w1]=dasklearn [w2]=gossipy [w3]=gossipy)
declare -A bare=([w1]=12.8 [w2]=2.1 [w3]=3.8)
# The share of the other's seconds that we allow ourselves.
declare -A share=([w1]=0.25 [w2]=0.25 [w3]=0.10)

# The value of the first `key` of a JSON file that has one key a line.
field() { sed -n "s/^ *\"$2\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p" "$1" | head -n 1; }

# Columns of a line of $work/NAME.runs.
columns=(wall user system rss events_per_second accuracy model_digest event_digest workers)

# run NAME WORKERS: one process; a line more in $work/NAME.runs.
run() {
  local out=$work/$1 seconds summary
  rm -rf "$out"
  echo "bench_$1, $2 workers" >&2
  if ! { time "$hearsay" run "$root/scenarios/bench_$1.yaml" --workers "$2" --out "$out" \
    >"$work/log" 2>&1; } 2>"$work/seconds"; then
    cat "$work/log" >&2
    echo "whole_process.sh: bench_$1 failed" >&2
    exit 1
  fi
  seconds=$(cat "$work/seconds")
  summary=$out/summary.json
  echo "$seconds $(field "$summary" peak_rss_bytes) $(field "$summary" events_per_second)" \
    "$(field "$summary" accuracy_mean) $(field "$summary" model_digest)" \
    "$(field "$summary" event_digest) $2" >>"$work/$1.runs"
}

# values NAME COLUMN [FACTOR]: of the runs with all cores, ascending, times FACTOR.
values() {
  local index
  for index in "${!columns[@]}"; do
    [ "${columns[index]}" != "$2" ] || break
  done
  awk -v column=$((index + 1)) -v factor="${3:-1}" -v workers="$cores" \
    '$9 == workers { printf "%.10g\n", $column * factor }' "$work/$1.runs" | sort -g
}

# median NAME COLUMN [FACTOR]
median() {
  values "$@" | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

# spread FORMAT NAME COLUMN [FACTOR]: median (least to most).
spread() {
  local format=$1
  shift
  values "$@" | awk -v f="$format" -v median="$(median "$@")" \
    'NR == 1 { least = $1 } END { printf f " (" f " to " f ")", median, least, $1 }'
}

# compare MEASURED LIMIT: "met" if at most the limit.
compare() { awk -v a="$1" -v b="$2" 'BEGIN { print (a <= b) ? "met" : "MISSED" }'; }

calculate() { awk "BEGIN { printf \"$1\", $2 }"; }

workload_table() {
  local name limit wall
  echo "| workload | wall s | user + system s | peak MB | accuracy | best other, s |" \
    "of it | limit, s | | bare LibTorch, s |"
  echo "|---|---|---|---|---|---|---|---|---|---|"
  for name in w1 w2 w3; do
    wall=$(median $name wall)
    limit=$(calculate %.2f "${other[$name]} * ${share[$name]}")
    echo "| ${name^^} | $(spread %.2f $name wall)" \
      "| $(calculate %.2f "$(median $name user) + $(median $name system)")" \
      "| $(spread %.0f $name rss 1e-6) | $(calculate %.3f "$(median $name accuracy)")" \
      "| ${other_name[$name]} ${other[$name]} | $(calculate "1/%.1f" "${other[$name]} / $wall")" \
      "| $limit | $(compare "$wall" "$limit") | ${bare[$name]} |"
  done
}

size_table() {
  # Three times the parameters of 10,000 lenet5 peers, and 1 GiB.
  local memory_limit=$((3 * 10000 * 37106 * 4 + 1024 * 1024 * 1024)) peak events wall
  peak=$(median memory rss)
  events=$(median scale events_per_second)
  wall=$(median scale wall)
  echo "| what | measured | limit | |"
  echo "|---|---|---|---|"
  echo "| 10,000 lenet5 peers: peak GB | $(spread %.2f memory rss 1e-9)" \
    "| $(calculate %.2f "$memory_limit / 1e9") | $(compare "$peak" $memory_limit) |"
  echo "| the same as a multiple of their parameters" \
    "| $(spread %.2f memory rss "$(calculate %.12g '1 / (10000 * 37106 * 4)')") | | |"
  echo "| 10,000 lenet5 peers: wall s | $(spread %.1f memory wall) | | |"
  echo "| 100,000 quadratic peers, 24 M messages: wall s | $(spread %.1f scale wall)" \
    "| 30 | $(compare "$wall" 30) |"
  echo "| the same: million events/s | $(spread %.2f scale events_per_second 1e-6)" \
    "| at least 1 | $(compare 1e6 "$events") |"
  echo "| the same: peak bytes per peer | $(spread %.0f scale rss 1e-5) | | |"
}

protocol_table() {
  local name what
  echo "| what | wall s | user + system s | million events/s |"
  echo "|---|---|---|---|"
  while IFS=: read -r name what; do
    echo "| $what | $(spread %.2f "$name" wall)" \
      "| $(calculate %.2f "$(median "$name" user) + $(median "$name" system)")" \
      "| $(spread %.2f "$name" events_per_second 1e-6) |"
  done <<'END'
modest:MoDeST, 1,000 peers, 1,000 rounds of 10
gossip:asynchronous gossip, 10,000 peers, 100 wake-ups each
fedcompass:FedCompass, 1,000 clients, 1,000 s
END
}

# All digests of a scenario agree, whatever the number of workers.
digest_table() {
  local name digests
  echo "| scenario | runs | workers | model digest | event digest |"
  echo "|---|---|---|---|---|"
  for name in w1 w2 w3 memory scale modest gossip fedcompass; do
    digests=$(awk '{ print $7 " | " $8 }' "$work/$name.runs" | sort -u)
    echo "| bench_$name | $(wc -l <"$work/$name.runs")" \
      "| $(awk '{ print $9 }' "$work/$name.runs" | sort -un | paste -sd, | sed 's/,/, /g')" \
      "| ${digests//$'\n'/ or } |"
    [ "$(wc -l <<<"$digests")" -eq 1 ] || echo "bench_$name" >>"$work/different"
  done
}

machine() {
  local manifest=$work/w1/manifest.json
  echo "* $(field "$manifest" cpu), $cores cores," \
    "$(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)," \
    "load average $load at the start"
  echo "* $(field "$manifest" compiler), ZeroMQ $(field "$manifest" zeromq)," \
    "Eigen $(field "$manifest" eigen)$(torch_version); kernels $(field "$manifest" fused)"
  echo "* commit $(field "$manifest" commit), $(field "$manifest" start)"
}

# The engine benchmark uses LibTorch; the runs below do not load it.
torch_version() {
  dpkg-query -W -f ', ${Package} ${Version}' libtorch-dev libopenblas0-openmp 2>/dev/null || true
}

tables() {
  echo "Median (least to most) of whole processes, start-up included. The other systems were"
  echo "measured on another machine: see [baselines.md](baselines.md)."
  echo
  workload_table
  echo
  size_table
  echo
  protocol_table
  echo
  digest_table
}

document() {
  echo "# Performance"
  echo
  echo "Written by \`bench/whole_process.sh --write\`; see [README.md](README.md)."
  echo
  machine
  echo
  echo "## Whole processes"
  echo
  tables
  echo
  echo "## Training inside a run, beside a bare LibTorch loop"
  echo
  echo '```text'
  "$engine"
  echo '```'
}

load=$(cut -d ' ' -f 1 /proc/loadavg)
for ((repetition = 1; repetition <= repetitions; ++repetition)); do
  for name in w1 w2 w3; do run $name "$cores"; done
  if [ "$repetition" -le 3 ]; then
    for name in memory scale modest gossip fedcompass; do run $name "$cores"; done
  fi
done
if [ "$cores" -gt 1 ]; then run scale 1; else run scale 2; fi

if [ -n "$file" ]; then
  document >"$work/document"
  cp "$work/document" "$file"
  cat "$file"
else
  tables
fi
if [ -e "$work/different" ]; then
  echo "whole_process.sh: digests differ: $(paste -sd ' ' "$work/different")" >&2
  exit 1
fi
