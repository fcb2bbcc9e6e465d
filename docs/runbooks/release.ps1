#!/usr/bin/env pwsh
# A guarded release: lists the migrations, tests them against the database, and runs them; then prints the way back. See README.md.
#
#   release.ps1 shop ./prisma -Allow drop-column:users.legacy
#
# Exit codes: those of the command line. 3: data would be lost or a statement would fail, and nothing was changed.
param([Parameter(Mandatory)] [string] $Database, [Parameter(Mandatory)] [string] $Path, [string[]] $Allow = @())
. "$PSScriptRoot/run.ps1"
$run = Start-Run release
$started, $result = $false, $null
try {
    $where = @{ ConnectionString = Get-DatabaseUrl $run $Database }
    $allowed = if ($Allow) { @{ Allow = $Allow } } else { @{} }
    Get-PgMigration $Path @where | Format-Table State, Name | Out-Host
    $findings = @(Test-PgMigration $Path @where)
    $findings | Format-List Severity, Message, AllowAs, File, Line | Out-Host
    # The run checks again, and refuses what -Allow does not name.
    if ($findings.Where({ $_.Refuses }) -and -not $Allow) {
        [Console]::Error.WriteLine('release: nothing was changed. To continue, allow each loss above: -Allow RULE:OBJECT')
        exit 3
    }
    $started = $true
    # A run that fails emits its result too, before the error.
    Invoke-SafeMigration $Path @where -Destination $run.Settings.BACKUPS -Environment $run.Settings.ENVIRONMENT @allowed -Force | ForEach-Object { $result = $_; $_ } | Out-Host
}
catch {
    [Console]::Error.WriteLine("release: $($_.Exception.Message)")
    $run.ExitCode = $_.Exception.ExitCode ?? 1
}
# From the result of this run. What the command removes from the live database remains in a database that it retains.
$back = if ($result.Undo) { "$($result.Outcome -eq 'Restored' ? 'the backup was restored. To undo that' : 'the way back to the state before'): $($result.Undo.Command)" }
elseif (-not $started -or $result.Outcome -in 'NothingToDo', 'Planned', 'Refused', 'RolledBack') { 'nothing was changed' }
elseif ($result) { "the outcome is $($result.Outcome), and no backup contains the state before; see Get-DbSafetyLog" }
else { 'it is unknown whether something was changed; see Get-DbSafetyLog' }
[Console]::Error.WriteLine("release: $back")
exit $run.ExitCode
