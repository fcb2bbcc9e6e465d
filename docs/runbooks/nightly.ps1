#!/usr/bin/env pwsh
# Backs up each database of DATABASES, then removes the backups that no rule of retention keeps. See README.md.
# Exit codes: those of the command line (of the first database that failed), and 75 if another run works.
. "$PSScriptRoot/run.ps1"
$run = Start-Run nightly
$settings = $run.Settings

foreach ($name in Get-DatabaseName $run) {
    Add-Result $run (Measure-Work $name {
        $set = Backup-PgDatabase -ConnectionString (Get-DatabaseUrl $run $name) -Destination $settings.BACKUPS -Environment $settings.ENVIRONMENT -IncludeServerSettings:([bool] $settings.SERVER_SETTINGS)
        # A URL with another database would back that one up every night.
        if ($set.Database -cne $name) { Stop-Work "the URL of $name leads to $($set.Database)" 2 }
        $set
    })
}

# Only after a night without errors: old backups are most wanted when new ones fail.
if ($run.ExitCode -eq 0) {
    try { Remove-OldBackup $settings $settings.BACKUPS }
    catch { Add-Failure $run "old backups were not removed: $(Get-ErrorText $_)" ($_.Exception.ExitCode ?? 1) }
}
Complete-Run $run
