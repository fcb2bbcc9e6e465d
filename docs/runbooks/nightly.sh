#!/bin/sh
# Backs up each database of DATABASES, then removes the backups that no rule of retention keeps. See README.md.
# Exit codes: those of dbsafety (of the first database that failed), and 75 if another run works.
. "$(dirname "$0")/run.sh"
start nightly

for database in $DATABASES; do
  begun=$(date +%s)
  set -- --environment "$ENVIRONMENT" --destination "$BACKUPS"
  [ -z "${SERVER_SETTINGS:-}" ] || set -- "$@" --include-server-settings
  dbsafety_run "$database" backup create --database-url "env:URL_$(printf '%s' "$database" | tr -c 'A-Za-z0-9' _)" "$@"
  ended=$?
  # A URL with another database would back that one up every night.
  if [ $ended -eq 0 ] && [ "$(jq -r '.[0].Database' "$scratch/out")" != "$database" ]; then
    echo "error: the URL of $database leads to $(jq -r '.[0].Database' "$scratch/out")" | tee "$scratch/err" >&2
    ended=2
  fi
  record "$database" $ended $(($(date +%s) - begun)) '.[0] | {set: .Path, rows: .Rows, bytes: .Bytes}'
done

# Only after a night without errors: old backups are most wanted when new ones fail. Without any rule, all are kept.
set -- "${KEEP_LAST:-3}" "${KEEP_DAILY:-14}" "${KEEP_WEEKLY:-8}" "${KEEP_MONTHLY:-12}"
if [ "$code" -eq 0 ] && [ "$*" != '0 0 0 0' ]; then
  dbsafety_run '' backup remove "$BACKUPS" --environment "$ENVIRONMENT" --keep-last "$1" --keep-daily "$2" --keep-weekly "$3" --keep-monthly "$4"
  ended=$?
  [ $ended -eq 0 ] || fail $ended "old backups were not removed: $(error_of $ended)"
fi
finish
