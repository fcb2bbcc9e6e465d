# The demo as a person starts it, in the PowerShell of the tool manifest.

BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    $root = Split-Path (Get-ModuleManifestPath)
    $program = Get-ChildItem "$root/src/DbSafety.Cli/bin/*/net10.0/dbsafety.dll" | Sort-Object LastWriteTime | Select-Object -Last 1
}

Describe 'dbsafety demo --powershell' {
    It 'runs all eight steps with cmdlets, and removes everything that it created' {
        $said = dotnet $program demo --powershell 2>&1 | Out-String
        $LASTEXITCODE | Should -Be 0 -Because $said
        $said = $said -replace '\e\[[0-9;]*m'
        1..8 | ForEach-Object { $said | Should -Match "(?m)^$_\. " }
        $said | Should -Match 'PS> \$backup \| Restore-PgDatabase -Force'
        $said | Should -Match '(?m)^Same +: True'
        $said | Should -Match '1,204 values would be lost'
        $said | Should -Match 'have been removed'
    }
}
