#!/usr/bin/env bash
# fuzz.sh [TIME]: runs every fuzz target of the module for TIME, one after the
# other, and fails when one of them found something. What it found lies in the
# package's testdata/fuzz then.
set -euo pipefail
time=${1:-30s}

mapfile -t folders < <(grep -rl --include='*_test.go' '^func Fuzz' app queue ui watcher | xargs -r dirname | sort -u)
failed=()
for folder in "${folders[@]}"; do
  mapfile -t targets < <(go test -list '^Fuzz' "./$folder" | grep '^Fuzz' || true)
  for target in "${targets[@]}"; do
    echo "== $folder: $target for $time"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "./$folder" || failed+=("$folder: $target")
  done
done

if ((${#failed[@]} > 0)); then
  printf 'fuzz: found something in %s\n' "${failed[@]}" >&2
  exit 1
fi
