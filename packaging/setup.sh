#!/usr/bin/env bash
# setup.sh GROUP...: installs the Debian packages of the groups that are
# missing, and says so. Does nothing when all are there.
#
#   build    to compile the program with its window
#   desktop  to show and test the window on a machine without a screen
#   browser  to test the sign-ins that happen in a browser
set -euo pipefail

build=(
  ca-certificates make pkg-config gcc libc6-dev
  clang lld # 25 s instead of 3 minutes for the C of OpenGL's bindings
  libgl1-mesa-dev libwayland-dev libxkbcommon-dev
  libxcursor-dev libxrandr-dev libxinerama-dev libxi-dev libxxf86vm-dev
)
desktop=(
  xvfb libgl1-mesa-dri openbox # a screen, its OpenGL in software, windows with frames
  dbus                         # a session for the tray
  xdotool wmctrl x11-utils     # a hand
  imagemagick                  # an eye
)
browser=(chromium)

wanted=()
for group in "$@"; do
  case $group in
    build) wanted+=("${build[@]}") ;;
    desktop) wanted+=("${desktop[@]}") ;;
    browser) wanted+=("${browser[@]}") ;;
    *) echo "setup: there is no group $group; there are: build, desktop, browser" >&2; exit 2 ;;
  esac
done

if ! command -v go >/dev/null; then
  echo 'setup: go is missing: install Go 1.26 or later from https://go.dev/dl/' >&2
  exit 1
fi

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo 'setup: this is no Debian or Ubuntu; what these packages have must be there by other means:'
  printf '  %s\n' "${wanted[*]}"
  exit 0
fi

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $status == installed* ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  exit 0
fi

echo "setup: installing ${missing[*]}"
as_root=()
if ((EUID != 0)); then
  if ! command -v sudo >/dev/null; then
    echo 'setup: neither root nor sudo; let somebody who may run:' >&2
    echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
  [[ -t 0 ]] || as_root+=(-n) # nobody is there to type a password
fi
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
"${apt[@]}" update || echo 'setup: the package lists could not be brought up to date; trying with the old ones'
"${apt[@]}" install -y --no-install-recommends "${missing[@]}"
