# What the shell scripts share: settings, lock, and the report of a run. It is sourced, not run.
# shellcheck shell=sh
# A name of DATABASES is never a pattern of file names (-f).
set -uf
umask 077
settings=${DBSAFETY_ENV:-/etc/dbsafety/dbsafety.env}
case $settings in /*) ;; *) settings=./$settings ;; esac
if [ -r "$settings" ]; then
  # shellcheck disable=SC1090
  . "$settings"
fi
: "${ENVIRONMENT:=default}" "${BACKUPS:=/var/lib/dbsafety/backups}" "${STATE:=/var/lib/dbsafety}" "${METRICS:=}" "${PING_URL:=}" "${ON_FAILURE:=}"

say() { printf '%s: %s\n' "$job" "$1" >&2; }

# Ends with exit code 5 if something that the script needs is missing, and with 75 if another run of the same job works.
start() { # job
  job=$1 code=0 reason='' results='' child='' scratch='' stopped=''
  for program in dbsafety jq flock; do
    command -v "$program" > /dev/null || { say "$program is not installed"; exit 5; }
  done
  # A file that cannot be opened would end dash itself with exit code 2.
  mkdir -p "$STATE" || exit 5
  (: >> "$STATE/$job.lock") || exit 5
  # The kernel releases the lock when this script ends, however that is; whatever it starts does not have the file open (9>&-).
  exec 9>> "$STATE/$job.lock"
  if ! flock -n 9; then
    say "another run works: $(cat "$STATE/$job.holder")"
    exit 75
  fi
  printf 'process %s of %s on %s since %s\n' $$ "$(id -un)" "$(uname -n)" "$(date -u +%FT%TZ)" > "$STATE/$job.holder"
  scratch=$(mktemp -d) || exit 5
  trap 'rm -rf "$scratch"' EXIT
  trap stop HUP TERM INT
  started=$(date +%s)
  # shellcheck disable=SC2086
  set -- ${DATABASES:-}
  [ $# -gt 0 ] || { fail 2 "DATABASES is empty; settings are read from $settings"; finish; }
}

# A failure of the run, not of a database.
fail() { # exit code, reason
  code=$1 reason=$2
  say "$reason"
}

# dbsafety cancels, cleans up and ends with exit code 130; what follows is not started.
stop() {
  stopped=yes
  [ -z "$child" ] || kill -s TERM "$child" 2> /dev/null
}

# Runs dbsafety with --json: objects go to $scratch/out, errors to standard error as well. The URL of the database is in its environment only.
dbsafety_run() { # database, arguments
  url=$(url_name "$1")
  shift
  [ -z "$stopped" ] || { : > "$scratch/out"; echo 'error: cancelled' > "$scratch/err"; return 130; }
  (
    [ -z "$url" ] || export "${url?}"
    exec dbsafety --json "$@"
  ) > "$scratch/out" 2> "$scratch/err" 9>&- &
  child=$!
  [ -z "$stopped" ] || stop
  wait "$child"
  ended=$?
  # A signal ends the first wait, not the child.
  while kill -0 "$child" 2> /dev/null; do wait "$child"; ended=$?; done
  child=''
  cat "$scratch/err" >&2
  return $ended
}

# URL_shop for shop, URL_my_shop for my-shop; empty if there is no such variable.
url_name() { # database
  variable=URL_$(printf '%s' "$1" | tr -c 'A-Za-z0-9' _)
  eval "[ -z \"\${$variable:-}\" ]" || printf %s "$variable"
}

# The error that dbsafety printed.
error_of() { # exit code
  [ "$1" -eq 0 ] || grep -m 1 '^error' "$scratch/err" || echo "exit code $1"
}

# Adds a database to the report: facts is a jq filter of what dbsafety printed.
record() { # database, exit code, seconds, facts
  error=$(error_of "$2")
  facts=$(jq -c "$4" "$scratch/out" 2> /dev/null)
  results=$results$(jq -cn --arg database "$1" --argjson exitCode "$2" --argjson seconds "$3" --arg error "$error" --argjson facts "${facts:-null}" \
    '{$database, $exitCode, durationSeconds: $seconds} + ($facts // {}) + (if $error == "" then {} else {$error} end)')
  # The first failure decides the exit code of the run.
  [ "$code" -ne 0 ] || code=$2
}

# Appends the run to runs.jsonl, writes the metrics, and reports to the outside: the ping, or the command for failures.
finish() {
  [ -z "$stopped" ] || [ "$code" -ne 0 ] || code=130
  # A line that a crash cut off ends here.
  [ -z "$(tail -c 1 "$STATE/runs.jsonl" 2> /dev/null)" ] || echo >> "$STATE/runs.jsonl"
  run=$(printf %s "$results" | jq -cs --arg job "$job" --arg environment "$ENVIRONMENT" --arg host "$(uname -n)" --argjson started "$started" --argjson exitCode "$code" --arg error "$reason" \
    '{$job, $environment, $host, started: ($started | todate), finished: (now | floor | todate), $exitCode, databases: .} + (if $error == "" then {} else {$error} end)')
  printf '%s\n' "$run" >> "$STATE/runs.jsonl" || say "$STATE/runs.jsonl cannot be written"
  printf '%s\n' "$run"
  [ -z "$METRICS" ] || [ -z "$results" ] || metrics || say "the metrics cannot be written to $METRICS"
  # What follows can hang, or live on: it does not have the lock.
  exec 9>&-
  if [ "$code" -ne 0 ]; then
    # The command can contain a secret: it is in the environment, which other users cannot read.
    # shellcheck disable=SC2016
    [ -z "$ON_FAILURE" ] || printf '%s\n' "$run" | ON_FAILURE=$ON_FAILURE sh -c 'eval "$ON_FAILURE"' || say "the command for failures ended with exit code $?"
  elif [ -n "$PING_URL" ]; then
    # The URL is a secret: it is on curl's standard input, not among its arguments.
    printf 'url = "%s"\n' "$PING_URL" | curl -fsS -m 10 --retry 3 -o /dev/null -K - || say 'the ping failed'
  fi
  exit "$code"
}

# For Prometheus: a database that failed keeps the numbers of its last success, which are in runs.jsonl. Readers never see half a file.
# This run comes last in any case: a full disk may have kept it out of runs.jsonl.
metrics() {
  target=$METRICS/dbsafety_${job}_$ENVIRONMENT.prom
  { grep -F "{\"job\":\"$job\",\"environment\":\"$ENVIRONMENT\"," "$STATE/runs.jsonl" | tail -n 1000; printf '\n%s\n' "$run"; } | jq -rRs --arg job "$job" --arg environment "$ENVIRONMENT" -f "$(dirname "$0")/metrics.jq" > "$target.$$" &&
    chmod 644 "$target.$$" && mv "$target.$$" "$target"
}
