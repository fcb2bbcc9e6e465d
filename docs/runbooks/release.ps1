#!/usr/bin/env pwsh
# A guarded release: lists the migrations, tests them against the database, and runs them; then prints the way back. See README.md.
#
#   release.ps1 shop ./prisma -Allow drop-column:users.legacy
#
# Exit codes: those of the command line. 3: data would be lost or a statement would fail, and nothing was changed.
param([Parameter(Mandatory)] [string] $Database, [Parameter(Mandatory)] [string] $Path, [string[]] $Allow = @())
. "$PSScriptRoot/run.ps1"
$run = Start-Run release
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
    Invoke-SafeMigration $Path @where -Destination $run.Settings.BACKUPS -Environment $run.Settings.ENVIRONMENT @allowed -Force | Out-Host
}
catch {
    [Console]::Error.WriteLine("release: $($_.Exception.Message)")
    $run.ExitCode = $_.Exception.ExitCode ?? 1
}
# The log has the backup also after a failure. What was committed since then exists only in the database that the restore retains.
$set = (Get-DbSafetyLog $Database -Operation Invoke-SafeMigration -ErrorAction Ignore | Select-Object -First 1).Sets.Path
if ($set) { [Console]::Error.WriteLine("release: the way back to the state before: Restore-PgDatabase '$set' -ConnectionString `$url") }
exit $run.ExitCode
