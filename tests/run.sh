#!/usr/bin/env bash
# Installs what is missing on a Debian machine, builds, and runs every suite. --long runs the fault, mutation and
# real-project rounds at full size as well. What could not run is listed at the end, with the reason.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

case "${1:-}" in
  "") ;;
  --long) export DBSAFETY_LONG=1 ;;
  *) echo "usage: bash tests/run.sh [--long]" >&2; exit 2 ;;
esac
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en

passed=0 failed=0 skipped=0
not_run=()

need() { # command, Debian package
  command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] && return
  missing+=("$2")
}

missing=()
[ -d /usr/lib/postgresql ] && ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
need pg_dump postgresql-client
need dockerd docker.io
need iptables iptables
need docker-compose docker-compose
need sshd openssh-server
need ssh openssh-client
need socat socat
need nc netcat-openbsd
need npm npm
need setpriv util-linux
[ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import pglast' 2>/dev/null || missing+=(python3-pglast)
if [ ${#missing[@]} -gt 0 ]; then
  echo "== installing ${missing[*]}"
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "these are missing and only root can install them: apt-get install ${missing[*]}" >&2
    exit 5
  fi
  apt-get update -qq || echo "apt-get update failed; trying with the lists there are" >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || exit 5
fi
if ! command -v dotnet >/dev/null 2>&1; then
  echo "the .NET SDK 10 is missing: https://dotnet.microsoft.com/download" >&2
  exit 5
fi

echo "== building"
dotnet build DbSafety.sln -v quiet || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }

xunit() { # project
  echo "== $1"
  local log summary
  log=$(mktemp)
  dotnet test "tests/$1" --no-build --logger "trx;LogFileName=$log.trx" 2>&1 | tee "$log"
  summary=$(grep -E '^(Passed|Failed|Skipped)!' "$log" | tail -1)
  while IFS= read -r line; do
    not_run+=("$line")
  done < <(awk -F '"' '/outcome="NotExecuted"/ { for (i = 1; i < NF; i++) if ($i ~ / testName=$/) name = $(i + 1) }
    name && /<Message>/ { gsub(/.*<Message>|<\/Message>.*/, ""); print name ": " $0; name = "" }' "$log.trx" 2>/dev/null)
  rm -f "$log.trx"
  rm -f "$log"
  if [ -z "$summary" ]; then
    echo "$1 ended without a result" >&2
    failed=$((failed + 1))
    return
  fi
  failed=$((failed + $(sed -E 's/.*Failed: *([0-9]+).*/\1/' <<<"$summary")))
  passed=$((passed + $(sed -E 's/.*Passed: *([0-9]+).*/\1/' <<<"$summary")))
  skipped=$((skipped + $(sed -E 's/.*Skipped: *([0-9]+).*/\1/' <<<"$summary")))
}

pester() {
  echo "== DbSafety.PowerShell.Tests"
  local count log summary
  count=$(grep -hE '^\s*It ' tests/DbSafety.PowerShell.Tests/*.Tests.ps1 | wc -l)
  if ! command -v pwsh >/dev/null 2>&1; then
    not_run+=("DbSafety.PowerShell.Tests ($count tests): there is no pwsh on PATH; the cmdlets have not been run")
    skipped=$((skipped + count))
    return
  fi
  log=$(mktemp)
  NO_COLOR=1 pwsh -NoProfile -File tests/DbSafety.PowerShell.Tests/run.ps1 2>&1 | tee "$log"
  local status=${PIPESTATUS[0]}
  summary=$(grep -E '^Pester: [0-9]+ passed' "$log" | tail -1)
  rm -f "$log"
  if [ "$status" -eq 5 ]; then
    not_run+=("DbSafety.PowerShell.Tests ($count tests): there is no Pester 5 for $(command -v pwsh)")
    skipped=$((skipped + count))
  elif [ -z "$summary" ]; then
    echo "DbSafety.PowerShell.Tests ended without a result" >&2
    failed=$((failed + 1))
  else
    passed=$((passed + $(sed -E 's/Pester: ([0-9]+) passed.*/\1/' <<<"$summary")))
    failed=$((failed + $(sed -E 's/.* ([0-9]+) failed.*/\1/' <<<"$summary")))
    skipped=$((skipped + $(sed -E 's/.* ([0-9]+) skipped.*/\1/' <<<"$summary")))
  fi
}

xunit DbSafety.Core.Tests
xunit DbSafety.Integration.Tests
pester

if [ ${#not_run[@]} -gt 0 ]; then
  echo
  echo "DID NOT RUN:"
  printf '  %s\n' "${not_run[@]}"
fi
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
