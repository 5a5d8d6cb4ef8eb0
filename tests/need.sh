#!/usr/bin/env bash
# Sees that a program, or a file by its path, is there; where it is not, installs packages through apt-get if that is allowed.
#
#   tests/need.sh php php-cli
set -euo pipefail

wanted=$1
shift
if [ -e "$wanted" ] || command -v "$wanted" >/dev/null; then
  exit 0
fi
if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
  echo "installing $*" >&2
  as=(env DEBIAN_FRONTEND=noninteractive)
  [ "$(id -u)" = 0 ] || as=(sudo "${as[@]}")
  "${as[@]}" apt-get update -qq </dev/null >&2
  "${as[@]}" apt-get install -y -qq --no-install-recommends "$@" </dev/null >&2
  exit 0
fi
echo "$wanted is not there. Install it (Debian: apt-get install $*) and try again." >&2
exit 3
