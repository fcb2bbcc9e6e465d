#!/usr/bin/env bash
# Installs what is missing on a Debian machine, builds, and runs every suite. --long runs the fault, mutation and
# real-project rounds at full size as well. What could not run is listed at the end, with the reason.
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
# What a service that starts this may lack. The server's own user reads what is installed here.
HOME=${HOME:-$(getent passwd "$(id -u)" | cut -d : -f 6)}
export HOME PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
exec < /dev/null
umask 022

passed=0 failed=0 skipped=0
not_run=()
# Whatever this run starts has its mark in the environment, and is found by it.
export DBSAFETY_TEST_RUN="$$-$RANDOM"
results=$(mktemp -d) || exit 1
trap 'status=$?; rm -rf "$results"; [ $status -le 1 ] || echo "the tests did NOT run: exit code $status" >&2' EXIT

room() { df --output=avail -k "$1" 2>/dev/null | tail -1 | grep . || echo 0; }
export TMPDIR=${TMPDIR:-/tmp}
[ "$(room "$TMPDIR")" -ge 8000000 ] || [ "$(room /var/tmp)" -lt 8000000 ] || TMPDIR=/var/tmp
if [ "$(room "$TMPDIR")" -lt 8000000 ]; then
  echo "the tests need 8 GB in $TMPDIR, and there are $(($(room "$TMPDIR") / 1000000))" >&2
  exit 5
fi

need() { # command, Debian package
  command -v "$1" >/dev/null 2>&1 || missing+=("$2")
}

missing=()
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
need pg_dump postgresql-client
need dockerd docker.io
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
if ! dotnet --version >/dev/null; then
  echo "the .NET SDK 10 is missing, or does not run: https://dotnet.microsoft.com/download" >&2
  exit 5
fi

echo "== building"
dotnet build DbSafety.sln -v quiet || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }

count() { # suite, passed, failed, skipped, seconds
  echo "== $1: $2 passed, $3 failed, $4 skipped in $5 s"
  passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
}

xunit() { # project
  echo "== $1"
  local start=$SECONDS status counters total run good bad results_file="$results/$1.trx"
  dotnet test "tests/$1" --no-build --results-directory "$results" --logger "trx;LogFileName=$1.trx" \
    --blame-hang --blame-hang-timeout "$patience" --blame-hang-dump-type none
  status=$?
  counters=$(sed -nE 's/.*<Counters total="([0-9]+)" executed="([0-9]+)" passed="([0-9]+)" failed="([0-9]+)".*/\1 \2 \3 \4/p' "$results_file" 2>/dev/null)
  read -r total run good bad <<<"${counters:-0 0 0 0}"
  while IFS= read -r line; do
    not_run+=("$line")
  done < <(awk -F '"' '/outcome="NotExecuted"/ { for (i = 1; i < NF; i++) if ($i ~ / testName=$/) name = $(i + 1) }
    name && /<Message>/ { gsub(/.*<Message>|<\/Message>.*/, ""); print name ": " $0; name = "" }' "$results_file" 2>/dev/null |
    sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&amp;/\&/g')
  if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
    echo "$1 did not come to its end: exit code $status" >&2
    not_run+=("what comes after the last test named in $1: the run ended too early, with exit code $status")
    bad=1
  elif [ "$good" -eq 0 ] && [ "$bad" -eq 0 ]; then
    echo "$1 ran no test" >&2
    bad=1
  fi
  count "$1" "$good" "$bad" $((total - run)) $((SECONDS - start))
}

pester() {
  echo "== DbSafety.PowerShell.Tests"
  local total start=$SECONDS status summary
  total=$(grep -hE '^\s*It ' tests/DbSafety.PowerShell.Tests/*.Tests.ps1 | wc -l)
  if ! command -v pwsh >/dev/null 2>&1; then
    not_run+=("DbSafety.PowerShell.Tests ($total tests): there is no pwsh on PATH; the cmdlets have not been run")
    count DbSafety.PowerShell.Tests 0 0 "$total" 0
    return
  fi
  NO_COLOR=1 timeout --foreground --kill-after=30s "$pester_patience" pwsh -NoProfile -File tests/DbSafety.PowerShell.Tests/run.ps1 2>&1 | tee "$results/pester.log"
  status=${PIPESTATUS[0]}
  summary=$(sed -nE 's/^Pester: ([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' "$results/pester.log" | tail -1)
  if [ "$status" -eq 5 ]; then
    not_run+=("DbSafety.PowerShell.Tests ($total tests): there is no Pester 5 for $(command -v pwsh)")
    summary="0 0 $total"
  elif [ -z "$summary" ]; then
    echo "DbSafety.PowerShell.Tests ended without a result: exit code $status" >&2
    not_run+=("DbSafety.PowerShell.Tests ($total tests): ended without a result, with exit code $status")
    summary="0 1 0"
  fi
  # shellcheck disable=SC2086
  count DbSafety.PowerShell.Tests $summary $((SECONDS - start))
}

xunit DbSafety.Core.Tests
xunit DbSafety.Integration.Tests
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
if [ ${#not_run[@]} -gt 0 ]; then
  printf '\nDID NOT RUN:\n'
  printf '  %s\n' "${not_run[@]}"
fi
printf '\n%s\n' "$((SECONDS / 60)) min $((SECONDS % 60)) s"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
