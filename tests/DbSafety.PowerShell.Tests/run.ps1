#!/usr/bin/env pwsh
# Runs the suite in a real PowerShell, or the files named (run.ps1 Backups Stopping). Exit code 0: all passed; 1: something failed; 5: there is no Pester to run it with.
param([Parameter(ValueFromRemainingArguments)] [string[]] $Name = '*')

$pester = Get-Module -ListAvailable Pester | Where-Object Version -ge '5.5' | Select-Object -First 1
if (-not $pester) {
    [Console]::Error.WriteLine('The PowerShell tests did NOT run: they need Pester 5.5 or newer (Install-Module Pester).')
    exit 5
}

Import-Module $pester
$configuration = New-PesterConfiguration
$configuration.Run.Path = @(Get-ChildItem $PSScriptRoot -Filter '*.Tests.ps1' | Where-Object { $file = $_; $Name.Where({ $file.Name -like "$_.Tests.ps1" -or $file.Name -like $_ }) } | ForEach-Object FullName)
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
$result = Invoke-Pester -Configuration $configuration

foreach ($test in $result.Failed + $result.Skipped) { "$($test.Result): $($test.ExpandedPath)" }
foreach ($part in @($result.FailedBlocks) + @($result.FailedContainers)) { "Failed: $part" }
$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
"Pester: $($result.PassedCount) passed, $failed failed, $($result.SkippedCount) skipped"
exit $(if ($failed -eq 0 -and $result.PassedCount -gt 0) { 0 } else { 1 })
