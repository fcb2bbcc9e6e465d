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

dbsafety migration list "$path" --database-url "env:$url" || { code=$?; say 'nothing was changed'; exit $code; }
dbsafety migration test "$path" --database-url "env:$url" && tested=0 || tested=$?
case "$tested $*" in
  0\ *) ;;
  # The run checks again, and refuses what the options do not allow by name.
  3\ *--allow*) say 'the findings above are allowed only as the options name them' ;;
  3\ *) say 'nothing was changed. To continue, allow each loss above: --allow RULE:OBJECT'; exit 3 ;;
  *) say 'nothing was changed'; exit "$tested" ;;
esac
dbsafety --json migration run "$path" --database-url "env:$url" --destination "$BACKUPS" --environment "$ENVIRONMENT" "$@" > "$scratch/out"
code=$?
jq -r '.[0] | "\(.Database) on \(.Server): \(.Outcome)", (.Stages[] | "  \(.State) \(.Name): \(.Evidence)")' "$scratch/out"
# From the result of this run, also if it failed. What the command removes from the live database remains in a database that it retains.
back=$(jq -r '.[0] | if . == null then empty
  elif .Undo != null then (if .Outcome == "Restored" then "the backup was restored. To undo that: " else "the way back to the state before: " end) + .Undo.Command
  elif .Outcome | IN("NothingToDo", "Planned", "Refused", "RolledBack") then "nothing was changed"
  else "the outcome is \(.Outcome), and no backup contains the state before: dbsafety log shows what was recorded" end' "$scratch/out" 2> /dev/null)
# Without a result, only wrong usage is sure to have changed nothing.
[ -n "$back" ] || [ $code -ne 2 ] || back='nothing was changed'
say "${back:-it is unknown whether something was changed: dbsafety log shows what was recorded}"
exit $code
