#!/usr/bin/env bash
# demo.sh: shows build/photoferry at work, against a practice server on this
# machine and in a home of its own. On a display it stays until the window is
# closed or Ctrl+C is pressed; without one it runs under Xvfb, leaves
# build/demo.png behind and ends. PHOTOS=n brings another number of photos.
set -euo pipefail
cd "$(dirname "$0")/.."

photos=${PHOTOS:-24}
program=$PWD/build/photoferry
screenshot=$PWD/build/demo.png
place=$(mktemp -d "${TMPDIR:-/tmp}/photoferry-demo.XXXXXX")
import=$place/DCIM
export PHOTOFERRY_HOME=$place/home
export PHOTOFERRY_KEYRING=off # the demo's password has no business in your keyring
PHOTOFERRY_PASSPHRASE=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
export PHOTOFERRY_PASSPHRASE

say() { printf '\n== %s\n' "$*"; }

# Everything that this script starts is ended by it, the last first.
started=()
start() { # NAME COMMAND...: in the background, its output to a log
  local log=$place/$1.log
  shift
  "$@" >"$log" 2>&1 </dev/null &
  started+=("$!")
}
finish() {
  local status=$? i
  trap - EXIT INT TERM
  for ((i = ${#started[@]} - 1; i >= 0; i--)); do
    kill -TERM "${started[i]}" 2>/dev/null || continue
    for _ in {1..100}; do
      kill -0 "${started[i]}" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "${started[i]}" 2>/dev/null || true
    wait "${started[i]}" 2>/dev/null || true
  done
  if ((status == 0 || status == 130 || status == 143)); then
    rm -rf "$place"
  else
    say "The demo failed; its logs and photos are in $place"
    tail -n 5 "$place"/*.log || true
  fi
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# until SECONDS COMMAND...: waits for a command to succeed.
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 0.2
  done
}

# field SERVICE NAME reads a text from the practice servers' line of JSON.
field() { head -n 1 "$place/practice.log" | sed 's/"options":{\([^}]*\)}/\1/g' | sed -n 's/.*"'"$1"'":{[^}]*"'"$2"'":"\([^"]*\)".*/\1/p'; }

# log_in NAME SERVICE signs in to an account in the browser, as a person does.
log_in() {
  local page
  page=$("$program" account login "$1" </dev/null 2>/dev/null | grep -o 'https\?://[^ ]*' || true)
  DEMO_PASSWORD=$(field "$2" password) build/demo -allow "$page" -user "$(field "$2" user)"
  "$program" account login "$1" --done
}

if [[ -z ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]]; then
  say "There is no display: using Xvfb; the screenshot will be $screenshot"
  mkfifo "$place/display"
  Xvfb -displayfd 3 -screen 0 1280x860x24 -nolisten tcp 3>"$place/display" >"$place/xvfb.log" 2>&1 </dev/null &
  started+=("$!")
  read -r -t 20 number <"$place/display"
  export DISPLAY=:$number
  start openbox openbox
  virtual=yes
else
  virtual=
fi

say 'Starting practice servers of all services; nothing leaves this machine'
start practice "$program" practice --dir "$place/server"
until_true 20 test -s "$place/practice.log"
go build -o build/demo ./app/practice/demo
echo "Their photos are in $place/server"

say 'Adding an account on each, and a folder as a camera import makes it'
mkdir -p "$import"
PHOTOFERRY_SECRET=$(field picapport password) "$program" account add picapport --name 'Home gallery' --url "$(field picapport url)" --user "$(field picapport user)"
PHOTOFERRY_SECRET=$(field piwigo password) "$program" account add piwigo --name Club --url "$(field piwigo url)" --user "$(field piwigo user)"
PHOTOFERRY_SECRET=$(field ipernity secret) "$program" account add ipernity --name ipernity --url "$(field ipernity url)" --option api_key="$(field ipernity api_key)"
PHOTOFERRY_SECRET=$(field universal secret) "$program" account add universal --name Community --url "$(field universal url)" \
  --option api_key="$(field universal api_key)" --option community="$(field universal community)"
log_in ipernity ipernity
log_in Community universal
"$program" folder add "$import" --account 'Home gallery' --account Club --account ipernity --account Community --album '{date:2006}/{date:2006-01-02}' --everything

say 'Starting the engine and opening the window'
if [[ -n ${DBUS_SESSION_BUS_ADDRESS:-} || -S ${XDG_RUNTIME_DIR:-/nowhere}/bus ]]; then
  start engine "$program" run --tray
else
  start engine "$program" run # a tray needs a session bus
fi
running() { "$program" status --json | grep -q '"running": *true'; }
until_true 20 running
start window "$program"
window=${started[-1]}
[[ -z $virtual ]] || until_true 30 xdotool search --onlyvisible --name PhotoFerry

say "Bringing $photos photos, one each second"
build/demo -dir "$import" -photos "$photos" </dev/null &
camera=$!
started+=("$camera")
arrived() { (($(find "$import" -name '*.JPG' | wc -l) * 3 >= photos * 2)); }
if [[ -n $virtual ]]; then
  until_true $((photos + 60)) arrived
  import -display "$DISPLAY" -window root "$screenshot"
  echo "Screenshot: $screenshot"
fi
wait "$camera"

say 'Waiting until the last photo is delivered'
delivered() {
  "$program" history --json | grep -o '"sha256"' | wc -l | grep -qx "$((photos * 4))"
}
until_true 120 delivered || say 'Not everything was delivered in two minutes'
"$program" status

stored=0
count() { # NAME FOLDER: the photos that a server has, byte for byte as they came
  local n
  n=$(cd "$place/server/$2" && find . -type f -size +100k -exec sha256sum {} + | cut -d ' ' -f 1 | sort -u |
    comm -12 - <(find "$import" -name '*.JPG' -exec sha256sum {} + | cut -d ' ' -f 1 | sort -u) | wc -l)
  printf '%-20s %d of %d photos, byte for byte\n' "$1" "$n" "$photos"
  stored=$((stored + n))
}
say 'What the practice servers have received'
count PicApport picapport/received
count Piwigo piwigo/upload
count ipernity ipernity/docs
count 'Universal Platform' universal/photos

if [[ -n $virtual ]]; then
  delivered
  ((stored == photos * 4))
else
  echo 'Drop photos of your own on the window, if you like. Close it, or press Ctrl+C, to end the demo.'
  wait "$window" || true
fi
