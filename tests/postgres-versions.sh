#!/usr/bin/env bash
# Puts PostgreSQL 17 and 18 (Debian's packages of trixie and sid, with their client programs) below a cache folder, once per machine:
#   $DBSAFETY_CACHE/17/usr/lib/postgresql/17/bin/{initdb,pg_ctl,pg_dump,psql,…}   (default: /var/cache/dbsafety-tests)
# They run on this machine with the libraries they came with; nothing is installed and no service is started. PostgreSQL 12 comes from npm
# (tests/DbSafety.Integration.Tests/NewerServer.cs). Prints one line for each version; what is unavailable is named with the reason.
# Exit code 0: all are there; 5: at least one is not.
set -uo pipefail

cache=${DBSAFETY_CACHE:-/var/cache/dbsafety-tests}
programs="clusterdb createdb dropdb initdb pg_basebackup pg_controldata pg_ctl pg_dump pg_dumpall pg_isready pg_restore postgres psql reindexdb vacuumdb"
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

# The mirror that this machine's apt is configured for.
mirror() {
  { sed -nE 's/^URIs: *([^ ]+).*/\1/p' /etc/apt/sources.list.d/*.sources
    sed -nE 's/^deb +(\[[^]]*\] +)?([^ ]+).*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/*.list; } 2>/dev/null |
    grep -E '/debian/?$' | head -1
}

# Without the packages' own scripts: they would create and start a cluster.
unpack() { # major, suite, folder
  command -v debootstrap >/dev/null 2>&1 || apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 debootstrap || return 1
  debootstrap --foreign --variant=minbase "--include=postgresql-$1" "$2" "$3" "$(mirror)" || return 1
  local package
  for package in "$3"/var/cache/apt/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x -C "$3" --keep-directory-symlink || return 1
  done
  rm -rf "$3/var/cache/apt/archives" "$3/var/lib/apt/lists" "$3/dev" "$3/debootstrap"
}

# The programs find their share folder and each other relative to the path they are called by; the loader is told it.
wrap() { # major, folder as it is now, folder as it will be
  local bin="$2/usr/lib/postgresql/$1/bin" libraries loader program
  loader=$(cd "$2" && find -L usr/lib lib* -name 'ld-linux*.so.*' 2>/dev/null | head -1)
  libraries=$(cd "$2" && find usr/lib -maxdepth 1 -type d -name '*-linux-gnu' | head -1)
  [ -n "$loader" ] && [ -n "$libraries" ] || { echo "no loader in $2" >&2; return 1; }
  for program in $programs; do
    [ -f "$bin/$program" ] || continue
    mv "$bin/$program" "$bin/$program.real"
    cat >"$bin/$program" <<EOF
#!/bin/sh
exec "$3/$loader" --argv0 "$3/usr/lib/postgresql/$1/bin/$program" --library-path "$3/$libraries" "$3/usr/lib/postgresql/$1/bin/$program.real" "\$@"
EOF
    chmod 755 "$bin/$program"
  done
}

missing=0
provide() { # major, suite
  local folder="$cache/$1" log
  if [ -x "$folder/usr/lib/postgresql/$1/bin/initdb" ]; then
    echo "PostgreSQL $1: $folder/usr/lib/postgresql/$1/bin"
    return
  fi
  if [ "$(id -u)" -ne 0 ]; then
    echo "PostgreSQL $1: unavailable: only root can unpack it; run tests/postgres-versions.sh as root once"
    missing=1
    return
  fi
  mkdir -p "$cache"
  log=$(mktemp)
  rm -rf "$folder.partial"
  if unpack "$1" "$2" "$folder.partial" >"$log" 2>&1 && wrap "$1" "$folder.partial" "$folder" >>"$log" 2>&1 && mv "$folder.partial" "$folder" &&
    "$folder/usr/lib/postgresql/$1/bin/postgres" --version >>"$log" 2>&1; then
    echo "PostgreSQL $1: $folder/usr/lib/postgresql/$1/bin"
  else
    echo "PostgreSQL $1: unavailable: debootstrap of $2 from $(mirror) failed: $(grep . "$log" | tail -1)"
    rm -rf "$folder.partial" "$folder"
    missing=1
  fi
  rm -f "$log"
}

# One at a time: several runs on one machine share the cache.
if [ -w "$cache" ] || mkdir -p "$cache" 2>/dev/null; then
  exec 9>"$cache/lock" && flock 9
fi
provide 17 trixie
provide 18 sid
[ "$missing" -eq 0 ] || exit 5
