BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    $manifest = Get-ModuleManifestPath
    function Invoke-File([string] $Text) {
        $file = Join-Path $TestDrive "$([guid]::NewGuid()).ps1"
        Set-Content $file "Import-Module '$manifest'`n$Text"
        $program, $arguments = @(Get-ShellCommand) + @('-NoProfile', '-NonInteractive', '-File', $file)
        & $program @arguments *> $null
        $LASTEXITCODE
    }
}

Describe 'A script that a scheduler runs' {
    It 'ends with 1 when a cmdlet fails and errors stop the script' {
        Invoke-File '$ErrorActionPreference = "Stop"; Test-PgBackup /nowhere; exit 0' | Should -Be 1
        Invoke-File '$ErrorActionPreference = "Stop"; Measure-PgDatabase x -Server 127.0.0.1:1; exit 0' | Should -Be 1
    }

    It 'can end with the exit code that the command line has for the same error' {
        Invoke-File 'try { Measure-PgDatabase x -Server 127.0.0.1:1 } catch { exit $_.Exception.ExitCode }' | Should -Be 5
        Invoke-File 'try { Measure-PgDatabase -ConnectionString what? } catch { exit $_.Exception.ExitCode }' | Should -Be 2
    }

    It 'is refused, not asked, where there is nobody to ask' {
        Invoke-File 'try { Undo-PgRestore shop -Server 127.0.0.1:1 } catch { exit $_.Exception.ExitCode }' | Should -Be 3
    }

    It 'ends with 0 when all is well' {
        Invoke-File '$ErrorActionPreference = "Stop"; Get-PgBackup $PSScriptRoot' | Should -Be 0
    }
}

Describe 'pwsh -Command' {
    It 'ends with 1 when the last cmdlet failed' {
        (Invoke-CleanShell 'Test-PgBackup /nowhere').ExitCode | Should -Be 1
        (Invoke-CleanShell 'Measure-PgDatabase x -Server 127.0.0.1:1').ExitCode | Should -Be 1
    }
}
