#!/usr/bin/env bash
# fuzz.sh [TIME [LONG]]: runs every fuzz target of the module for TIME, one after
# the other, and those that read photos, which come from anywhere, for LONG. It
# fails when one of them found something. What it found lies in the package's
# testdata/fuzz then.
set -euo pipefail
short=${1:-30s}
long=${2:-$short}

mapfile -t folders < <(grep -rl --include='*_test.go' '^func Fuzz' app queue ui watcher | xargs -r dirname | sort -u)
failed=()
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for folder in "${folders[@]}"; do
  mapfile -t targets < <(go test -list '^Fuzz' "./$folder" | grep '^Fuzz' || true)
  time=$short
  [[ $folder != app/photo ]] || time=$long
  for target in "${targets[@]}"; do
    echo "== $folder: $target for $time"
    # By itself Go takes up to a minute to make one interesting input smaller.
    if go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 2s "./$folder" 2>&1 | tee "$log"; then
      continue
    fi
    # Go's fuzzer may take the end of its own time for a failure; what it finds
    # it writes down.
    if grep -q 'context deadline exceeded' "$log" && ! grep -q 'Failing input' "$log"; then
      continue
    fi
    failed+=("$folder: $target")
  done
done

if ((${#failed[@]} > 0)); then
  printf 'fuzz: found something in %s\n' "${failed[@]}" >&2
  exit 1
fi
