# The demo with cmdlets and objects. dbsafety demo --powershell starts it, with the temporary server in PGHOST and libpq's other variables.
param([Parameter(Mandatory)] [string] $Module, [Parameter(Mandatory)] [string] $Folder)

$ErrorActionPreference = 'Stop'
Import-Module $Module
Set-Location $Folder
# The user's own log is about the user's own databases.
$env:DBSAFETY_LOG = Join-Path $Folder log
$null = New-Item -ItemType Directory migrations, backups
$story = @(
    @{ Title = 'Measure: exact row counts'; Lines = { Get-PgDatabase shop }, { $before = Measure-PgDatabase shop; $before } }
    @{ Title = 'Back up: dump and count in one snapshot, count again in the dump. The result is an object'; Lines = { $backup = Backup-PgDatabase shop backups -Environment demo; $backup }, { $backup | Test-PgBackup } }
    @{ Title = 'A migration that would lose data is refused, with the numbers of values'; File = '002_drop_active.sql'; Fails = 'DBS403'; Lines = , { Invoke-SafeMigration migrations shop -Destination backups -Environment demo -Force } }
    @{ Title = 'A safe migration: backed up, rehearsed on a copy, applied and verified'; File = '002_add_sku.sql'; Lines = , { Invoke-SafeMigration migrations shop -Destination backups -Environment demo -Force } }
    @{ Title = 'A migration that fails without a rehearsal is completely rolled back'; File = '003_bad.sql'; Fails = 'DBS406'; Lines = { Invoke-SafeMigration migrations shop -Destination backups -Environment demo -SkipRehearsal -Force }, { Get-PgMigration migrations shop | Where-Object State -eq Failed | Resolve-PgMigration migrations shop -As RolledBack -Force } }
    @{ Title = 'An accident: a run that allows every loss, and skips the backup and the rehearsal'; File = '003_clear_orders.sql'; Lines = { Invoke-SafeMigration migrations shop -AllowAll -SkipBackup -SkipRehearsal -Force }, { (Measure-PgDatabase shop).Tables } }
    @{ Title = 'Restore beside the live database, verify, swap; then compare'; Lines = { $backup | Restore-PgDatabase -Force }, { Compare-PgDatabase $backup (Get-PgDatabase shop) } }
    @{ Title = 'One command undoes the restore'; Lines = , { Undo-PgRestore shop -Force } }
    @{ Title = 'The log: who changed what, and how it ended'; Lines = , { Get-DbSafetyLog } }
)

$number = 0
foreach ($step in $story) {
    "`n$((++$number)). $($step.Title)"
    if ($step.File) { Move-Item $step.File migrations }

    $failed = $null
    foreach ($line in $step.Lines) {
        "PS>$($line.ToString().TrimEnd())"
        # Warnings and errors are shown in order with the output.
        try { . $line 3>&1 6>&1 | Out-Host } catch { $failed = $_; $_ | Out-Host }
    }

    if ("$($step.Fails)" -ne "$($failed.FullyQualifiedErrorId -replace ',.*')") {
        Write-Error "Step $number was expected to end with '$($step.Fails)', but ended with '$failed'."
    }
    # A migration that was refused or failed is not run again.
    if ($failed) { Remove-Item "migrations/$($step.File)" }
}
