#!/usr/bin/env bash
# Installs what is missing on a Debian machine, builds, and runs every suite. --long runs the fault, mutation and
# real-project rounds at full size as well. What could not run is listed at the end, with the reason.
# PowerShell and Pester are restored into this checkout, at the versions that it pins.
# Exit code 0: all passed; 1: something failed; 2: wrong usage; 5: something is missing and nothing ran.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

# How long one test may say nothing before the run is ended, and how long the PowerShell suite may take.
patience=10m pester_patience=30m
case "${1:-}" in
  "") ;;
  --long) export DBSAFETY_LONG=1 patience=120m pester_patience=120m ;;
  *) echo "usage: bash tests/run.sh [--long]" >&2; exit 2 ;;
esac
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en
# The compiler's servers would live on and hold on to the output.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false
# A test process runs most code once: what is compiled a second time should be final.
export DOTNET_TieredPGO=0
# What a service that starts this may lack. The server's own user reads what is installed here.
HOME=${HOME:-$(getent passwd "$(id -u)" | cut -d : -f 6)}
export HOME PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
exec < /dev/null
umask 022

passed=0 failed=0 skipped=0
not_run=() failures=() unstable=()
# Whatever this run starts has its mark in the environment, and is found by it.
export DBSAFETY_TEST_RUN="$$-$RANDOM"
results=$(mktemp -d) || exit 1
memory_folder=
trap 'status=$?; rm -rf "$results" ${memory_folder:+"$memory_folder"}; [ $status -le 1 ] || echo "the tests did NOT run: exit code $status" >&2' EXIT

# Where the test servers keep their data: in memory where there is enough of it, which a slow disk does not hold up.
free_space() { df --output=avail -k "$1" 2>/dev/null | tail -1 | grep . || echo 0; }
runs_programs() { local probe; probe=$(mktemp "$1/dbsafety-XXXXXX") && printf '#!/bin/sh\n' > "$probe" && chmod +x "$probe" && "$probe"; local status=$?; rm -f "$probe"; return $status; }
memory=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo 2>/dev/null || echo 0)
export DBSAFETY_NODE_CACHE=${DBSAFETY_NODE_CACHE:-/var/tmp/dbsafety-node-$(id -u)}
if [ -z "${TMPDIR:-}" ] && [ "${memory:-0}" -ge 12000000 ] && [ "$(free_space /dev/shm)" -ge 8000000 ] && runs_programs /dev/shm 2>/dev/null; then
  # What killed runs left there takes memory.
  for left in /dev/shm/dbs-tests-*; do
    [ ! -d "$left" ] || [ -d "/proc/${left##*-}" ] || rm -rf -- "$left"
  done
  TMPDIR=/dev/shm/dbs-tests-$$ memory_folder=/dev/shm/dbs-tests-$$
  # The server's own user creates folders in it.
  mkdir -m 1777 "$TMPDIR" && chmod 1777 "$TMPDIR" || exit 1
  echo "== test data is in memory ($TMPDIR)"
elif [ "$(free_space "${TMPDIR:=/tmp}")" -lt 8000000 ] && [ "$(free_space /var/tmp)" -ge 8000000 ]; then
  TMPDIR=/var/tmp
fi
export TMPDIR
[ -n "$memory_folder" ] || echo "== test data is on disk ($TMPDIR)"
if [ "$(free_space "$TMPDIR")" -lt 8000000 ]; then
  echo "the tests need 8 GB in $TMPDIR, and there are $(($(free_space "$TMPDIR") / 1000000))" >&2
  exit 5
fi

if ! dotnet --version >/dev/null; then
  echo "the .NET SDK 10 is missing, or does not run: https://dotnet.microsoft.com/download" >&2
  exit 5
fi

need() { # command, Debian package
  command -v "$1" >/dev/null 2>&1 || missing+=("$2")
}

missing=()
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
need pg_dump postgresql-client
need dockerd docker.io
# The client is a package of its own from Debian 13 on.
command -v docker >/dev/null 2>&1 || missing+=("$(apt-cache show docker-cli >/dev/null 2>&1 && echo docker-cli || echo docker.io)")
need iptables iptables
need ip iproute2
need docker-compose docker-compose
need sshd openssh-server
need ssh openssh-client
need socat socat
need nc netcat-openbsd
need zstd zstd
need pgrep procps
need npm npm
need setpriv util-linux
need gcc gcc
need jq jq
need curl curl
need cron cron
need shellcheck shellcheck
need systemd-analyze systemd
/usr/bin/python3 -c 'import pglast' 2>/dev/null || missing+=(python3-pglast)
if [ ${#missing[@]} -gt 0 ]; then
  echo "== installing ${missing[*]}"
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "these are missing and only root can install them: apt-get install ${missing[*]}" >&2
    exit 5
  fi
  apt-get update -qq || echo "apt-get update failed; trying with the lists there are" >&2
  if ! DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 "${missing[@]}" >/dev/null; then
    echo "these are missing and could not be installed: apt-get install ${missing[*]}" >&2
    exit 5
  fi
fi

# The tests that need it are skipped, and say so, where it cannot be installed.
if [ "$(id -u)" -eq 0 ] && ! command -v pgbouncer >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1; then
  echo "== installing pgbouncer"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 pgbouncer >/dev/null ||
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 pgbouncer >/dev/null; } ||
    echo "pgbouncer could not be installed: apt-get install pgbouncer" >&2
fi

echo "== building"
dotnet build DbSafety.sln -c Release -v quiet || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }

# The PowerShell of the tool manifest, in a folder of this checkout.
powershell_version=$(sed -nE '/"powershell"/,/}/ s/.*"version": "([^"]+)".*/\1/p' .config/dotnet-tools.json)
powershell_folder=$PWD/.tools/powershell-$powershell_version
restore_powershell() {
  [ -x "$powershell_folder/pwsh" ] && "$powershell_folder/pwsh" -NoProfile -Command exit 2>/dev/null && return
  echo "== installing PowerShell $powershell_version into .tools"
  rm -rf "$powershell_folder"
  dotnet tool install PowerShell --version "$powershell_version" --tool-path "$powershell_folder" >"$results/powershell.log" 2>&1 || { cat "$results/powershell.log" >&2; return 1; }
}

count() { # suite, passed, failed, skipped, seconds
  echo "== $1: $2 passed, $3 failed, $4 skipped in $5 s"
  passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
}

run_xunit() { # project, filter, name of its results (the project's)
  local start=$SECONDS name=${3:-$1}
  dotnet test "tests/$1" -c Release --no-build --filter "$2" --results-directory "$results" --logger "trx;LogFileName=$name.trx" \
    --blame-hang --blame-hang-timeout "$patience" --blame-hang-dump-type none
  echo "$? $((SECONDS - start))" > "$results/$name.end"
}

# One line per result of a .trx file: seconds, outcome, name, message.
results_of() { # project
  awk -F '"' '
    function plain(text) { gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\"", text); gsub(/&#xD;|&#xA;/, " ", text); gsub(/&amp;/, "\\&", text); return text }
    /<UnitTestResult / { lines = -1
      for (i = 1; i < NF; i++) { if ($i ~ / testName=$/) name = $(i + 1); if ($i ~ / outcome=$/) outcome = $(i + 1); if ($i ~ / duration=$/) split($(i + 1), t, ":") }
      printf "%.3f\t%s\t%s\t\n", t[1] * 3600 + t[2] * 60 + t[3], outcome, plain(name); next }
    /<Message>/ && outcome == "NotExecuted" { gsub(/.*<Message>|<\/Message>.*/, ""); printf "0\tReason\t%s\t%s\n", plain(name), plain($0); outcome = "" }
    /<Message>/ && outcome == "Failed" { lines = 0; sub(/.*<Message>/, "") }
    outcome == "Failed" && lines >= 0 && lines < 12 { last = sub(/<\/Message>.*/, ""); printf "0\tFailure\t%s\t%s\n", lines ? "" : plain(name), plain($0); lines = last ? -1 : lines + 1 }
  ' "$results/$1.trx" 2>/dev/null
}

# A few failures can be those of a machine that does too much at once: these tests run again, alone. What fails twice failed.
passes_alone() { # project
  local tests filter status
  [ -d "tests/$1" ] && ! grep -q 'host process' "$results/$1.trx" || return 1
  mapfile -t tests < <(results_of "$1" | awk -F '\t' '$2 == "Failed" { sub(/\(.*/, "", $3); print $3 }' | sort -u)
  [ ${#tests[@]} -ge 1 ] && [ ${#tests[@]} -le 5 ] || return 1
  echo "== once more, alone: ${tests[*]}"
  filter=$(printf '|FullyQualifiedName=%s' "${tests[@]}")
  run_xunit "$1" "${filter#|}" "$1.again"
  read -r status _ < "$results/$1.again.end"
  # Each of them, not only those that the filter found.
  [ "$status" -eq 0 ] && [ -z "$(comm -23 <(printf '%s\n' "${tests[@]}") <(results_of "$1.again" | awk -F '\t' '$2 == "Passed" { sub(/\(.*/, "", $3); print $3 }' | sort -u))" ]
}

report_xunit() { # project
  local status seconds counters total run good bad found=()
  read -r status seconds < "$results/$1.end"
  counters=$(sed -nE 's/.*<Counters total="([0-9]+)" executed="([0-9]+)" passed="([0-9]+)" failed="([0-9]+)".*/\1 \2 \3 \4/p' "$results/$1.trx" 2>/dev/null)
  read -r total run good bad <<<"${counters:-0 0 0 0}"
  while IFS=$'\t' read -r _ _ name reason; do
    not_run+=("$name: $reason")
  done < <(results_of "$1" | awk -F '\t' '$2 == "Reason"')
  while IFS= read -r reason; do
    found+=("$reason")
  done < <(results_of "$1" | awk -F '\t' '$2 == "Failure" { if ($3 != "") print $3; print "  " $4 }')
  if [ "$bad" -gt 0 ] && passes_alone "$1"; then
    unstable+=("${found[@]}")
    good=$((good + bad)) bad=0 status=0
  else
    failures+=("${found[@]}")
  fi
  results_of "$1" | awk -F '\t' '$2 ~ /^(Passed|Failed)$/ { print $1 "\t" $3 }' >> "$results/times"
  if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
    echo "$1 did not come to its end: exit code $status" >&2
    not_run+=("what comes after the last test named in $1: the run ended too early, with exit code $status")
    bad=1
  elif [ "$good" -eq 0 ] && [ "$bad" -eq 0 ]; then
    echo "$1 ran no test" >&2
    bad=1
  fi
  count "$1" "$good" "$bad" $((total - run)) "$seconds"
}

# Other versions of PostgreSQL than this machine's, with their own client programs: in a process of its own, for those would be found by all other tests too.
postgres_versions() {
  echo "== PostgreSQL 12, 15, 17 and 18"
  bash tests/postgres-versions.sh
  bash tests/postgres-source.sh
  local bin folders=()
  for bin in /usr/lib/postgresql/*/bin "${DBSAFETY_CACHE:-/var/cache/dbsafety-tests}"/*/usr/lib/postgresql/*/bin; do
    [ ! -x "$bin/initdb" ] || folders+=("$bin")
  done
  DBSAFETY_PG_BIN=$(IFS=:; echo "${folders[*]}") run_xunit DbSafety.Integration.Tests "Category=PostgresVersions" PostgresVersions
  report_xunit PostgresVersions
}

# The files of the suite take turns: one process has the first, third …, the other one the second, fourth …
pester_part() { # number
  NO_COLOR=1 PATH="$powershell_folder:$PATH" DBSAFETY_PESTER_PART="$1/2" DBSAFETY_TEST_TIMES="$results/pester$1.times" \
    timeout --foreground --kill-after=30s "$pester_patience" "$powershell_folder/pwsh" -NoProfile -File tests/DbSafety.PowerShell.Tests/run.ps1
  echo $? > "$results/pester$1.exit"
}

pester() {
  echo "== DbSafety.PowerShell.Tests"
  local start=$SECONDS status summary
  if ! restore_powershell; then
    echo "PowerShell $powershell_version could not be installed" >&2
    not_run+=("DbSafety.PowerShell.Tests: PowerShell $powershell_version could not be installed; the cmdlets have not been run")
    count DbSafety.PowerShell.Tests 0 1 0 $((SECONDS - start))
    return
  fi
  pester_part 2 > "$results/pester2.log" 2>&1 &
  pester_part 1 2>&1 | tee "$results/pester1.log"
  wait
  cat "$results/pester2.log"
  # Not the names of the totals, which count adds to.
  local sums=(0 0 0) part one two three
  for part in 1 2; do
    summary=$(sed -nE 's/^Pester: ([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' "$results/pester$part.log" | tail -1)
    status=$(cat "$results/pester$part.exit" 2>/dev/null)
    while IFS= read -r line; do
      not_run+=("$line")
    done < <(sed -n 's/^Skipped: //p' "$results/pester$part.log")
    while IFS= read -r line; do
      failures+=("$line")
    done < <(grep -A 3 -F '[-] ' "$results/pester$part.log")
    cat "$results/pester$part.times" >> "$results/times" 2>/dev/null
    if [ -z "$summary" ] || { [ "${status:-1}" -ne 0 ] && [[ $summary == *" 0 "* ]]; }; then
      echo "part $part of DbSafety.PowerShell.Tests did not come to its end: exit code ${status:-unknown}" >&2
      not_run+=("DbSafety.PowerShell.Tests: part $part ended too early, with exit code ${status:-unknown}")
      summary="0 1 0"
    fi
    read -r one two three <<< "$summary"
    sums=($((sums[0] + one)) $((sums[1] + two)) $((sums[2] + three)))
  done
  summary="${sums[*]}"
  # shellcheck disable=SC2086
  count DbSafety.PowerShell.Tests $summary $((SECONDS - start))
}

# What needs no server runs beside what does, and so does the download of PowerShell.
restore_powershell > "$results/restore.log" 2>&1 &
echo "== DbSafety.Core.Tests and DbSafety.Integration.Tests"
run_xunit DbSafety.Core.Tests "Category!=PostgresVersions" > "$results/Core.log" 2>&1 &
run_xunit DbSafety.Integration.Tests "Category!=PostgresVersions"
wait
cat "$results/Core.log" "$results/restore.log"
report_xunit DbSafety.Core.Tests
report_xunit DbSafety.Integration.Tests
[ -z "${DBSAFETY_LONG:-}" ] || postgres_versions
pester

# What a suite started may take a moment to clear up.
export -n DBSAFETY_TEST_RUN
for ((i = 0; i < 60; i++)); do
  left=$(grep -lszF "DBSAFETY_TEST_RUN=$DBSAFETY_TEST_RUN" /proc/[0-9]*/environ | while IFS=/ read -r _ _ id _; do
    tr '\0' ' ' < "/proc/$id/cmdline" && echo
  done 2>/dev/null)
  [ -n "$left" ] || break
  sleep 1
done
if [ -n "$left" ]; then
  printf '\nSTILL RUNNING:\n%s\n' "$left"
  failed=$((failed + 1))
fi
printf '\nTHE TWENTY SLOWEST TESTS, in seconds:\n'
sort -rn "$results/times" 2>/dev/null | head -20 | sed 's/^/  /'
if [ ${#unstable[@]} -gt 0 ]; then
  printf '\nFAILED ONCE, AND PASSED ALONE:\n'
  printf '  %s\n' "${unstable[@]}"
fi
if [ ${#failures[@]} -gt 0 ]; then
  printf '\nFAILED:\n'
  printf '  %s\n' "${failures[@]}"
fi
if [ ${#not_run[@]} -gt 0 ]; then
  printf '\nDID NOT RUN:\n'
  printf '  %s\n' "${not_run[@]}"
fi
printf '\n%s\n' "$((SECONDS / 60)) min $((SECONDS % 60)) s"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
