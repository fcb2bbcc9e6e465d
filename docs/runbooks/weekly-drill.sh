#!/bin/sh
# Restores the newest backup of each database of DATABASES on a temporary server and compares it with its manifest. See README.md.
# Exit codes: those of dbsafety (of the first database that failed), and 75 if another run works.
. "$(dirname "$0")/run.sh"
start drill

for database in $DATABASES; do
  begun=$(date +%s)
  dbsafety_run '' backup list "$BACKUPS" --database "$database"
  ended=$?
  set=$(jq -r --arg environment "$ENVIRONMENT" '[.[] | select(.Environment == $environment and (.State == "Intact" or .State == "Damaged"))][0].Path // empty' "$scratch/out")
  if [ $ended -eq 0 ] && [ -z "$set" ]; then
    echo "error: $BACKUPS contains no backup of $database" | tee "$scratch/err" >&2
    ended=5
  elif [ $ended -eq 0 ]; then
    dbsafety_run '' backup test "$set" --drill
    ended=$?
  fi
  record "$database" $ended $(($(date +%s) - begun)) '.[0] | {set: .Path, rows: .Rows, bytes: .Bytes}'
done
finish
