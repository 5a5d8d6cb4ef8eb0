#!/usr/bin/env bash
# Sees that programs are there; where one is not, installs its packages through apt-get if that is allowed.
#
#   tests/need.sh php php-cli php-curl
set -euo pipefail

program=$1
shift
if command -v "$program" >/dev/null; then
  exit 0
fi
if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
  echo "installing $*" >&2
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  $sudo apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "$@" >&2
  exit 0
fi
echo "$program is not installed. Install it (Debian: apt-get install $*) and try again." >&2
exit 3
