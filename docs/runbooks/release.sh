#!/bin/sh
# A guarded release: lists the migrations, tests them against the database, and runs them; then prints the way back. See README.md.
#
#   release.sh DATABASE PATH [OPTIONS OF dbsafety migration run]
#   release.sh shop ./prisma --allow drop-column:users.legacy
#
# Exit codes: those of dbsafety. 3: data would be lost or a statement would fail, and nothing was changed.
[ $# -ge 2 ] || { echo 'usage: release.sh DATABASE PATH [OPTIONS]' >&2; exit 2; }
database=$1 path=$2
shift 2
. "$(dirname "$0")/run.sh"
DATABASES=$database
start release
url=$(url_name "$database")
[ -n "$url" ] || { say "there is no URL of $database in $settings"; exit 2; }
export "${url?}"

dbsafety migration list "$path" --database-url "env:$url" || exit
dbsafety migration test "$path" --database-url "env:$url" && tested=0 || tested=$?
case "$tested $*" in
  0\ *) ;;
  # The run checks again, and refuses what the options do not allow by name.
  3\ *--allow*) say 'the findings above are allowed only as the options name them' ;;
  *) say "nothing was changed. To continue, allow each loss above: --allow RULE:OBJECT"; exit "$tested" ;;
esac
dbsafety migration run "$path" --database-url "env:$url" --destination "$BACKUPS" --environment "$ENVIRONMENT" "$@"
code=$?
# The log has the backup also after a failure. What was committed since then exists only in the database that the restore retains.
set=$(dbsafety --json log --database "$database" --operation 'migration run' | jq -r '.[0].Sets[0].Path // empty')
[ -z "$set" ] || say "the way back to the state before: dbsafety restore run '$set' --database-url env:$url"
exit $code
