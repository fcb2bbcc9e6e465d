#!/usr/bin/env pwsh
# Restores the newest backup of each database of DATABASES on a temporary server and compares it with its manifest. See README.md.
# Exit codes: those of the command line (of the first database that failed), and 75 if another run works.
. "$PSScriptRoot/run.ps1"
$run = Start-Run drill
$settings = $run.Settings

foreach ($name in Get-DatabaseName $run) {
    Add-Result $run (Measure-Work $name {
        # Not -Database: a name of DATABASES is not a pattern.
        $newest = Get-PgBackup $settings.BACKUPS | Where-Object { $_.Database -ceq $name -and $_.Environment -ceq $settings.ENVIRONMENT -and $_.State -in 'Intact', 'Damaged' } | Select-Object -First 1
        if (-not $newest) { Stop-Work "$($settings.BACKUPS) contains no backup of $name" 5 }
        $newest | Test-PgBackup -Drill
    })
}
Complete-Run $run
