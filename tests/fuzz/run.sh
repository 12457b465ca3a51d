#!/usr/bin/env bash
# run.sh BUILD SECONDS [TARGET...]: builds the fuzzers in BUILD/fuzz and lets each of them start
# from a copy of the kept corpus for so long; $HEARSAY_FUZZ_SEED (default 1, so that a test repeats
# itself; 0: any) says with which changes. BUILD is an ordinary build, whose libraries the
# scenario loader's fuzzer takes. What crashes stays in BUILD/fuzz/crashes; it belongs into
# corpus/ once it is mended.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
ordinary=$(cd "$1" && pwd)
build=$ordinary/fuzz
seconds=$2
shift 2
targets=("$@")
if [ ${#targets[@]} = 0 ]; then targets=(wire report idx csv checkpoint vectors scenario); fi

cmake --preset fuzz -S "$here/../.." -B "$build" \
  "-DHEARSAY_FUZZ_PREBUILT=$(cat "$ordinary/tests/fuzz/prebuilt.txt")" >/dev/null
cmake --build "$build" --target "${targets[@]/#/fuzz_}"

run() {
  local corpus
  corpus=$(mktemp -d)
  if "$build/tests/fuzz/fuzz_$1" "$corpus" "$here/corpus/$1" -max_total_time="$seconds" \
    -seed="${HEARSAY_FUZZ_SEED:-1}" -max_len=8192 -rss_limit_mb=2048 -timeout=20 \
    -artifact_prefix="$build/crashes/$1-" \
    >"$build/$1.log" 2>&1; then
    echo "fuzz_$1: $(grep 'Done [0-9]* runs' "$build/$1.log"), $(ls "$corpus" | wc -l) new inputs"
    rm -r "$corpus"
  else
    tail -n 40 "$build/$1.log"
    echo "fuzz_$1 failed: see $build/crashes and $build/$1.log"
    rm -r "$corpus"
    return 1
  fi
}

export -f run
export build here seconds
mkdir -p "$build/crashes"
printf '%s\n' "${targets[@]}" | xargs -P 2 -I '{}' bash -c 'run {}'
