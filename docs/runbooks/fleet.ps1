#!/usr/bin/env pwsh
# Backs up the databases of a CSV inventory (Name, Server, Port, Database, User), several at a time, each to the folder of its Name. See README.md.
# Passwords: the password file of PostgreSQL (~/.pgpass, or %APPDATA%\postgresql\pgpass.conf), not the inventory.
# Exit codes: those of the command line (of the first failure, in the order of the inventory), and 75 if another run works.
#
# With PowerShell on the servers, each can back itself up instead; passwords and dumps then stay there:
#   Invoke-Command -HostName (Import-Csv inventory.csv).Server -UserName backup { pwsh -File /opt/dbsafety/runbooks/nightly.ps1; $LASTEXITCODE }
param([string] $Inventory = (Join-Path $PSScriptRoot 'inventory.csv'), [int] $ThrottleLimit = 4)
. "$PSScriptRoot/run.ps1"
$run = Start-Run fleet
$settings = $run.Settings
try {
    $rows = @(Import-Csv -LiteralPath $Inventory)
    if (-not $rows) { Stop-Work "$Inventory is empty" 2 }
    # A name is a folder in BACKUPS, and the name of the report: no path, and not twice.
    $rows.Where({ $_.Name -notmatch '^\w([\w .-]*\w)?$' }).ForEach({ Stop-Work "'$($_.Name)' in $Inventory is not a name of letters, digits, '-', '_', '.' and spaces" 2 })
    ($rows | Group-Object Name).Where({ $_.Count -gt 1 }).ForEach({ Stop-Work "$Inventory contains the name $($_.Name) $($_.Count) times" 2 })
}
catch {
    Add-Failure $run $_.Exception.Message ($_.Exception.ExitCode ?? 5)
    Complete-Run $run
}

$entries = @{}
$rows | ForEach-Object -ThrottleLimit $ThrottleLimit -Parallel {
    . "$using:PSScriptRoot/run.ps1"
    Import-Module DbSafety
    $row, $settings = $_, $using:settings
    Measure-Work $row.Name {
        $url = 'postgres://{0}@{1}:{2}/{3}' -f [uri]::EscapeDataString($row.User), $row.Server, $row.Port, [uri]::EscapeDataString($row.Database)
        $folder = Join-Path $settings.BACKUPS $row.Name
        Backup-PgDatabase -ConnectionString $url -Destination $folder -Environment $settings.ENVIRONMENT -IncludeServerSettings:([bool] $settings.SERVER_SETTINGS)
        Remove-OldBackup $settings $folder
    }
} | ForEach-Object { $entries[$_.database] = $_ }
foreach ($row in $rows) { Add-Result $run ($entries[$row.Name] ?? [ordered]@{ database = $row.Name; exitCode = 1; durationSeconds = 0; error = 'error: no result' }) }
Complete-Run $run
