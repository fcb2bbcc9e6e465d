# The lines of runs.jsonl as Prometheus' text format. A line that a crash cut off is skipped.
[split("\n")[] | fromjson? | select(.job == $job and .environment == $environment)] as $runs
| (if $job == "drill" then "drill" else "backup" end) as $what
| [ $runs[-1].databases[]
    | . as $now
    | { labels: "{database=\(.database | tojson),environment=\($environment | tojson)}", success: (if .exitCode == 0 then 1 else 0 end),
        last: ([$runs[] | .finished as $at | .databases[] | select(.database == $now.database and .exitCode == 0) | . + {at: ($at | fromdate)}] | last) } ] as $databases
| ( "# HELP dbsafety_\($what)_success 1 if the last run succeeded, otherwise 0",
    "# TYPE dbsafety_\($what)_success gauge",
    ($databases[] | "dbsafety_\($what)_success\(.labels) \(.success)") ),
  ( ["timestamp_seconds", "at", "When the last success finished"], ["duration_seconds", "durationSeconds", "How long the last success took"],
    ["rows", "rows", "Rows of the last success"], ["bytes", "bytes", "Bytes of the last success"]
    | . as [$name, $field, $help]
    | "# HELP dbsafety_\($what)_\($name) \($help)", "# TYPE dbsafety_\($what)_\($name) gauge",
      ($databases[] | select(.last != null and .last[$field] != null) | "dbsafety_\($what)_\($name)\(.labels) \(.last[$field])") )
