#!/usr/bin/env pwsh
# Writes en-US/DbSafety.PowerShell.dll-Help.xml, which Get-Help reads, from the pages in this folder. Needs PlatyPS 1.0.
$ErrorActionPreference = 'Stop'
Import-Module Microsoft.PowerShell.PlatyPS
$target = Join-Path $PSScriptRoot '../../en-US'
$temporary = Join-Path ([IO.Path]::GetTempPath()) "dbsafety-help-$([guid]::NewGuid().ToString('N'))"
try {
    $help = Get-ChildItem $PSScriptRoot -Filter '*-*.md' | Sort-Object Name | Import-MarkdownCommandHelp
    $file = Export-MamlCommandHelp -CommandHelp $help -OutputFolder $temporary
    $null = New-Item -ItemType Directory -Force $target
    Move-Item -Force $file (Join-Path $target 'DbSafety.PowerShell.dll-Help.xml')
}
finally { Remove-Item -Recurse -Force $temporary -ErrorAction Ignore }
