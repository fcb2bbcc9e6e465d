# The demo with cmdlets and objects. dbsafety demo --powershell starts it, with the temporary server in PGHOST and its like.
param([Parameter(Mandatory)] [string] $Module, [Parameter(Mandatory)] [string] $Folder)

$ErrorActionPreference = 'Stop'
Import-Module $Module
Set-Location $Folder
$null = New-Item -ItemType Directory migrations, backups
$story = @(
    @{ Title = 'Check: what is in it, exactly'; Lines = { Get-PgDatabase shop }, { $before = Measure-PgDatabase shop; $before } }
    @{ Title = 'Back up: dumped and counted under one snapshot, counted again in the dump. What comes back is an object'; Lines = { $backup = Backup-PgDatabase shop backups -Environment demo; $backup }, { $backup | Test-PgBackup } }
    @{ Title = 'A migration that would lose data is refused, with live numbers'; File = '002_drop_active.sql'; Fails = 'DBS403'; Lines = , { Invoke-SafeMigration migrations shop -Destination backups -Environment demo -Force } }
    @{ Title = 'A safe one is backed up, rehearsed on a copy, applied and verified'; File = '002_add_sku.sql'; Lines = , { Invoke-SafeMigration migrations shop -Destination backups -Environment demo -Force } }
    @{ Title = 'A bad one, its rehearsal skipped, fails half-way and is rolled back whole'; File = '003_bad.sql'; Fails = 'DBS406'; Lines = { Invoke-SafeMigration migrations shop -Destination backups -Environment demo -SkipRehearsal -Force }, { Get-PgMigration migrations shop | Where-Object State -eq Failed | Resolve-PgMigration migrations shop -As RolledBack -Force } }
    @{ Title = 'An accident: somebody allows everything, and skips backup and rehearsal'; File = '003_clear_orders.sql'; Lines = { Invoke-SafeMigration migrations shop -AllowAll -SkipBackup -SkipRehearsal -Force }, { (Measure-PgDatabase shop).Tables } }
    @{ Title = 'Restore beside, verify, swap; then compare'; Lines = { $backup | Restore-PgDatabase -Force }, { Compare-PgDatabase $backup (Get-PgDatabase shop) } }
    @{ Title = 'And one command takes it back'; Lines = , { Undo-PgRestore shop -Force } }
)

$number = 0
foreach ($step in $story) {
    "`n$((++$number)). $($step.Title)"
    if ($step.File) { Move-Item $step.File migrations }

    $failed = $null
    foreach ($line in $step.Lines) {
        "PS>$($line.ToString().TrimEnd())"
        # Warnings and errors stand where they belong, among the output.
        try { . $line 3>&1 6>&1 | Out-Host } catch { $failed = $_; $_ | Out-Host }
    }

    if ("$($step.Fails)" -ne "$($failed.FullyQualifiedErrorId -replace ',.*')") {
        Write-Error "Step $number should have ended with '$($step.Fails)', and ended with '$failed'."
    }
    # What was refused or failed is not tried again.
    if ($failed) { Remove-Item "migrations/$($step.File)" }
}
