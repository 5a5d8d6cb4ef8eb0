#!/usr/bin/env bash
# Makes targets one after another and says how long each took.
set -euo pipefail

took=()
for target in "$@"; do
  began=$SECONDS
  make --no-print-directory "$target"
  took+=("$(printf '%-10s%6d s' "$target" $((SECONDS - began)))")
done
printf '%s\n' '== made' "${took[@]}" "$(printf '%-10s%6d s' all $SECONDS)"
