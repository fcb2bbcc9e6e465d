#!/usr/bin/env pwsh
# Runs the suite in a real PowerShell, or the files named (run.ps1 Backups Stopping), with the Pester that the build put into bin/Pester.
# Exit code 0: all passed; 1: something failed, or there was nothing to run it with.
param([Parameter(ValueFromRemainingArguments)] [string[]] $Name = '*')

$ErrorActionPreference = 'Stop'
Import-Module "$PSScriptRoot/bin/Pester/Pester.psd1"
$configuration = New-PesterConfiguration
$configuration.Run.Path = @(Get-ChildItem $PSScriptRoot -Filter '*.Tests.ps1' | Where-Object { $file = $_; $Name.Where({ $file.Name -like "$_.Tests.ps1" -or $file.Name -like $_ }) } | ForEach-Object FullName)
# Beside another process, with a part of the files each: DBSAFETY_PESTER_PART=1/2.
if ($env:DBSAFETY_PESTER_PART -match '^(\d+)/(\d+)$') {
    $first, $parts = ([int] $Matches[1] - 1), [int] $Matches[2]
    $files = @($configuration.Run.Path.Value)
    $configuration.Run.Path = @(0..($files.Count - 1) | Where-Object { $_ % $parts -eq $first } | ForEach-Object { $files[$_] })
}

$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
# What tests do is not recorded in the log of the user who runs them.
$env:DBSAFETY_LOG = Join-Path ([IO.Path]::GetTempPath()) "dbsafety-test-log-$PID"
try { $result = Invoke-Pester -Configuration $configuration }
finally { Remove-Item -Recurse -Force $env:DBSAFETY_LOG -ErrorAction Ignore }

# Seconds and name of each test, for the table of the slowest.
if ($env:DBSAFETY_TEST_TIMES) {
    $result.Tests | ForEach-Object { [string]::Format([cultureinfo]::InvariantCulture, '{0:0.000}	{1}', $_.Duration.TotalSeconds, $_.ExpandedPath) } | Set-Content $env:DBSAFETY_TEST_TIMES
}

foreach ($test in $result.Failed) { "Failed: $($test.ExpandedPath)" }
foreach ($test in $result.Skipped) { "Skipped: $($test.ExpandedPath): it needs a Docker engine, which only root can start" }
foreach ($part in @($result.FailedBlocks) + @($result.FailedContainers)) { "Failed: $part" }
$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
"Pester: $($result.PassedCount) passed, $failed failed, $($result.SkippedCount) skipped"
exit $(if ($failed -eq 0 -and $result.PassedCount -gt 0) { 0 } else { 1 })
