#!/bin/sh
# Makes a PostgreSQL image from this machine's own server, for tests where no image can be pulled. It behaves as the official
# image does where the tests look: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB, PGDATA, PG_MAJOR, VOLUME, a server as process 1
# that runs without privileges and stops on SIGTERM.
#
#   make-postgres-image.sh BASE                       makes BASE: the programs alone, and no database
#   make-postgres-image.sh BASE TAG LAYOUT [MAJOR]    makes TAG out of it
#
# LAYOUT: 17 (data in /var/lib/postgresql/data, VOLUME there), 18 (data in /var/lib/postgresql/MAJOR/docker, VOLUME
# /var/lib/postgresql), none (as 17, no VOLUME), bitnami, timescale-ha, supabase (their folders, variables and commands). MAJOR: what PG_MAJOR claims; the server's own where it is left out.
# The engine is the docker command's own (DOCKER_HOST).
set -eu

. "$(dirname "$0")/copy-linked.sh"
base=$1
server=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
own_major=$(basename "$(dirname "$server")")

make_image() {
  tag=$1 layout=$2 major=${3:-$own_major}
  data=/var/lib/postgresql/data volume=$data
  case $layout in
    18) data=/var/lib/postgresql/$major/docker volume=/var/lib/postgresql ;;
    none | timescale-ha) volume= ;;
    bitnami) volume=/bitnami/postgresql ;;
  esac
  # No folder of its own but its entrypoint's, and no major version but the tag's.
  case $layout in
    bitnami) set -- --change 'ENV BITNAMI_APP_NAME=postgresql' --change "ENV APP_VERSION=$major.0" ;;
    timescale-ha) set -- --change 'ENV PGDATA=/home/postgres/pgdata/data' ;;
    *) set -- --change "ENV PG_MAJOR=$major" --change "ENV PGDATA=$data" ;;
  esac
  set -- "$@" --change "ENV PATH=$server:/usr/bin:/bin" --change 'EXPOSE 5432' --change 'ENTRYPOINT ["/entrypoint"]'
  [ -z "$volume" ] || set -- "$@" --change "VOLUME $volume"
  if [ "$layout" = supabase ]; then set -- "$@" --change 'CMD ["postgres", "-D", "/etc/postgresql"]'; else set -- "$@" --change 'CMD ["postgres"]'; fi
  # A commit shares the base's one layer; each import would copy it.
  container=$(docker create "$base")
  docker commit "$@" "$container" "$tag"
  docker rm "$container" > /dev/null
}

make_base() {
  root=$(mktemp -d)
  trap 'rm -rf "$root"' EXIT
  chmod 755 "$root"
  mkdir -p "$root/etc" "$root/usr/bin" "$root/usr/lib" "$root/usr/share" "$root/tmp" "$root/var/run/postgresql" "$root/var/lib/postgresql"
  # Merged /usr, as on Debian: what is linked under /lib is found there.
  for folder in bin lib lib64; do
    if [ -L "/$folder" ]; then mkdir -p "$root/usr/$folder"; ln -s "usr/$folder" "$root/$folder"; fi
  done
  chmod 1777 "$root/tmp"
  for tool in ls readlink df du mkdir chown chmod id cat setpriv sleep env rm grep bash cp head; do copy_linked "$(command -v "$tool")"; done
  # Official images have bash, grep and perl-base as well, others socat or nc; what goes into a container through the engine relies on one of them.
  copy_linked "$(command -v dash)" /usr/bin/perl "$(command -v socat)" "$(command -v nc)"
  for modules in /usr/lib/*/perl-base; do mkdir -p "$root$modules"; cp -r "$modules/." "$root$modules/"; done
  cp "$root$(command -v dash)" "$root/usr/bin/sh"
  copy_linked "$server"/postgres "$server"/initdb "$server"/psql "$server"/pg_dump "$server"/pg_dumpall "$server"/pg_restore "$server"/pg_isready "$server"/pg_ctl
  # Without the JIT and the other languages: their libraries alone are larger than the server.
  find "$(dirname "$server")/lib" -name '*.so' ! -name 'llvmjit*' ! -name '*python*' ! -name '*perl*' ! -name '*tcl*' | while read -r library; do
    copy_linked "$library"
  done
  mkdir -p "$root/usr/share/postgresql" "$root/usr/share/zoneinfo" "$root/usr/lib/locale"
  cp -r "/usr/share/postgresql/$own_major" "$root/usr/share/postgresql/"
  cp -rL /usr/share/zoneinfo/Etc /usr/share/zoneinfo/UTC "$root/usr/share/zoneinfo/" 2>/dev/null || echo 'no zoneinfo here: the server will use GMT' >&2
  [ ! -d /usr/lib/locale/C.utf8 ] || cp -r /usr/lib/locale/C.utf8 "$root/usr/lib/locale/"
  # Supabase's: settings in one folder, data in another.
  mkdir -p "$root/etc/postgresql"
  printf "data_directory = '/var/lib/postgresql/data'\nhba_file = '/var/lib/postgresql/data/pg_hba.conf'\n" > "$root/etc/postgresql/postgresql.conf"
  printf 'root:x:0:0::/:/bin/sh\npostgres:x:999:999::/var/lib/postgresql:/bin/sh\n' > "$root/etc/passwd"
  printf 'root:x:0:\npostgres:x:999:\n' > "$root/etc/group"
  cp "$(dirname "$0")/entrypoint.sh" "$root/entrypoint"
  chmod 755 "$root/entrypoint"
  tar -C "$root" --numeric-owner --owner=0 --group=0 -cf - . | docker import -c 'ENV PATH=/usr/bin:/bin' -c 'CMD ["sleep", "600"]' - "$base"
}

if [ $# -ge 3 ]; then
  shift
  make_image "$@"
else
  make_base
fi
