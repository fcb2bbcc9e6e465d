#!/usr/bin/env pwsh
# Backs up the databases of a CSV inventory (Name, Server, Port, Database, User), several at a time. See README.md.
# Passwords: the password file of PostgreSQL (~/.pgpass, or %APPDATA%\postgresql\pgpass.conf), not the inventory.
# Exit codes: those of the command line (of the first failure, in the order of the inventory), and 75 if another run works.
#
# With PowerShell on the servers, each can back itself up instead; passwords and dumps then stay there:
#   Invoke-Command -HostName (Import-Csv inventory.csv).Server -UserName backup { pwsh -File /opt/dbsafety/runbooks/nightly.ps1; $LASTEXITCODE }
param([string] $Inventory = (Join-Path $PSScriptRoot 'inventory.csv'), [int] $ThrottleLimit = 4)
. "$PSScriptRoot/run.ps1"
$run = Start-Run fleet
$settings = $run.Settings
$rows = @(Import-Csv $Inventory)

$entries = $rows | ForEach-Object -ThrottleLimit $ThrottleLimit -Parallel {
    . "$using:PSScriptRoot/run.ps1"
    Import-Module DbSafety
    $row, $settings = $_, $using:settings
    Measure-Work $row.Name {
        $url = 'postgres://{0}@{1}:{2}/{3}' -f [uri]::EscapeDataString($row.User), $row.Server, $row.Port, [uri]::EscapeDataString($row.Database)
        $folder = Join-Path $settings.BACKUPS $row.Name
        Backup-PgDatabase -ConnectionString $url -Destination $folder -Environment $settings.ENVIRONMENT -IncludeServerSettings:([bool] $settings.SERVER_SETTINGS)
        $rules = Get-Retention $settings
        $null = Remove-PgBackup $folder @rules -Force
    }
}
foreach ($row in $rows) { Add-Result $run ($entries | Where-Object { $_.database -eq $row.Name } | Select-Object -First 1) }
Complete-Run $run
