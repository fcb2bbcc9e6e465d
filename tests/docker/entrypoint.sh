#!/bin/sh
# The entrypoint of the test image: makes a cluster where there is none, then becomes the server.
set -e
: "${POSTGRES_USER:=postgres}"
: "${POSTGRES_DB:=$POSTGRES_USER}"
: "${POSTGRES_PASSWORD:=${POSTGRESQL_PASSWORD:-}}"
: "${PGDATA:=/bitnami/postgresql/data}"
export PGDATA

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  chown -R postgres:postgres "$PGDATA" /var/run/postgresql
  chmod 700 "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --clear-groups "$0" "$@"
fi

if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  : "${POSTGRES_PASSWORD:?POSTGRES_PASSWORD must be set to make a new cluster}"
  # The official image's own choice: whoever comes from inside is trusted, the network needs the password.
  printf '%s' "$POSTGRES_PASSWORD" > /tmp/password
  initdb --no-sync --username="$POSTGRES_USER" --pwfile=/tmp/password --encoding=UTF8 --locale=C.UTF-8 --auth=trust > /tmp/initdb.log
  rm /tmp/password
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  if [ "$POSTGRES_DB" != postgres ]; then
    echo "CREATE DATABASE \"$POSTGRES_DB\"" | postgres --single -jE -D "$PGDATA" postgres > /tmp/initdb.log
  fi
fi

[ "$1" != postgres ] || set -- "$@" -c listen_addresses='*' -c fsync=off
exec "$@"
