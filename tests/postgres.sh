#!/usr/bin/env bash
# Runs a command with DATABASE_URL of a fresh PostgreSQL cluster on a free loopback port, and ends the cluster after it.
#
#   tests/postgres.sh cargo test
#
# PostgreSQL refuses to run as root, so for root the cluster belongs to nobody.
set -euo pipefail

here=$(dirname "$0")
programs() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }
bin=$(programs || true)
if [ -z "$bin" ]; then
  # The package's own cluster is not wanted, only its programs.
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    sudo=$([ "$(id -u)" = 0 ] || echo sudo -n)
    { $sudo mkdir -p /etc/postgresql-common &&
      echo 'create_main_cluster = false' | $sudo tee /etc/postgresql-common/createcluster.conf >/dev/null; } || true
  fi
  "$here/need.sh" /usr/lib/postgresql postgresql
  bin=$(programs)
fi

folder=$(mktemp -d)
chmod 755 "$folder"
as=()
if [ "$(id -u)" = 0 ]; then
  as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
  chown nobody:nogroup "$folder"
fi

end() {
  if [ -f "$folder/data/postmaster.pid" ]; then
    "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
  fi
  rm -rf "$folder"
}
trap end EXIT
trap 'exit 130' INT TERM

# Tests may lose everything in a crash and are faster for it; PRONGSAI_TEST_FSYNC=on keeps the disk honest.
fsync=${PRONGSAI_TEST_FSYNC:-off}
"${as[@]}" "$bin/initdb" -D "$folder/data" -U prongsai --auth=trust --encoding=UTF8 --locale=C --no-sync >/dev/null
for attempt in 1 2 3 4 5; do
  port=$((20000 + RANDOM % 20000))
  if "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 start >/dev/null -o \
    "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='' -c max_connections=300 -c fsync=$fsync -c full_page_writes=$fsync -c autovacuum=off"; then
    break
  fi
  [ "$attempt" -lt 5 ] || { cat "$folder/log" >&2; exit 1; }
done

# The second variable says that the database may be filled with nonsense.
PATH="$bin:$PATH" DATABASE_URL="postgres://prongsai@127.0.0.1:$port/postgres" PRONGSAI_TEST_CLUSTER=yes "$@"
