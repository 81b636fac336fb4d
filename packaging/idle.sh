#!/usr/bin/env bash
# idle.sh: what build/photoferry costs when nothing happens: the engine with
# its tray after 100,000 known files, then with the window open; and how long
# both need to start. Uses a display, a session bus and a home of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$PWD/build/photoferry
seconds=${SECONDS_EACH:-60}

if [[ ${1:-} != inside ]]; then
  place=$(mktemp -d "${TMPDIR:-/tmp}/photoferry-idle.XXXXXX")
  export PLACE=$place HOME=$place XDG_RUNTIME_DIR=$place LANG=C.UTF-8
  unset WAYLAND_DISPLAY
  trap 'rm -rf "$place"' EXIT
  dbus-run-session -- "$0" inside
  exit
fi

started=()
finish() {
  for ((i = ${#started[@]} - 1; i >= 0; i--)); do kill "${started[i]}" 2>/dev/null || true; done
  wait 2>/dev/null || true
}
trap finish EXIT
now() { date +%s%3N; }
# ticks and switches of a process: CPU time in clock ticks, voluntary and
# involuntary context switches of all its threads.
ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
switches() { cat "/proc/$1/task/"*/status | awk '/ctxt_switches/ {n += $2} END {print n}'; }
measure() { # NAME PID
  local t s
  t=$(ticks "$2") s=$(switches "$2")
  sleep "$seconds"
  awk -v name="$1" -v ticks="$(($(ticks "$2") - t))" -v sw="$(($(switches "$2") - s))" -v sec="$seconds" -v hz="$(getconf CLK_TCK)" \
    -v rss="$(awk '/^VmRSS/ {print $2}' "/proc/$2/status")" -v anon="$(awk '/^RssAnon/ {print $2}' "/proc/$2/status")" \
    'BEGIN {printf "%-24s %6.1f MB resident (%.1f MB of it its own), %.3f %% CPU, %.1f context switches a second\n", name, rss/1024, anon/1024, 100*ticks/hz/sec, sw/sec}'
}

Xvfb -displayfd 3 -screen 0 1280x860x24 -nolisten tcp 3>"$PLACE/display" >/dev/null 2>&1 &
started+=("$!")
until [[ -s $PLACE/display ]]; do sleep 0.05; done
DISPLAY=:$(cat "$PLACE/display")
export DISPLAY
openbox >/dev/null 2>&1 &
started+=("$!")

export PHOTOFERRY_HOME=$PLACE/home PHOTOFERRY_KEYRING=off PHOTOFERRY_PASSPHRASE=idle
"$program" practice --dir "$PLACE/server" --service picapport >"$PLACE/practice.json" 2>/dev/null &
started+=("$!")
until [[ -s $PLACE/practice.json ]]; do sleep 0.05; done
field() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' "$PLACE/practice.json"; }
PHOTOFERRY_SECRET=$(field password) "$program" account add picapport --name home --url "$(field url)" --user "$(field user)" >/dev/null

echo 'Making 100,000 files'
for ((d = 0; d < 200; d++)); do
  mkdir -p "$PLACE/photos/$d"
  (cd "$PLACE/photos/$d" && for ((i = 0; i < 500; i++)); do echo "$d/$i" >"IMG_$i.jpg"; done)
done
"$program" folder add "$PLACE/photos" --account home

began=$(now)
"$program" run --tray >"$PLACE/engine.log" 2>&1 &
engine=$!
started+=("$engine")
until "$program" status --json | grep -q '"state": "watching"'; do sleep 0.02; done
echo "engine: watching 100,000 known files after $(($(now) - began)) ms"
echo "waiting until it has come to rest"
sleep 70
measure 'engine with tray' "$engine"

for run in 1 2 3; do
  began=$(now)
  "$program" >"$PLACE/window.log" 2>&1 &
  window=$!
  started+=("$window")
  id=$(xdotool search --sync --onlyvisible --name '^PhotoFerry$' | tail -n 1)
  until import -window "$id" -crop 1x1+20+20 txt:- 2>/dev/null | grep -qvE '#(000000|FFFFFF)|^#'; do :; done
  echo "window: first paint after $(($(now) - began)) ms (run $run)"
  ((run == 3)) || { kill "$window"; wait "$window" || true; }
done
sleep 5
measure 'window open' "$window"
measure 'engine, window open' "$engine"
