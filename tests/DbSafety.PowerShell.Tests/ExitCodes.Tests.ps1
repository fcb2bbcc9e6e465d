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

    It 'can end with the exit code of the command line for the same error' {
        Invoke-File 'try { Measure-PgDatabase x -Server 127.0.0.1:1 } catch { exit $_.Exception.ExitCode }' | Should -Be 5
        Invoke-File 'try { Measure-PgDatabase -ConnectionString what? } catch { exit $_.Exception.ExitCode }' | Should -Be 2
    }

    It 'ends with 3 instead of prompting in a non-interactive session' {
        Invoke-File 'try { Undo-PgRestore shop -Server 127.0.0.1:1 } catch { exit $_.Exception.ExitCode }' | Should -Be 3
    }

    It 'ends with 0 when all cmdlets succeed' {
        Invoke-File '$ErrorActionPreference = "Stop"; Get-PgBackup $PSScriptRoot' | Should -Be 0
    }
}

Describe 'pwsh -Command' {
    It 'ends with 1 when the last cmdlet failed' {
        (Invoke-CleanShell 'Test-PgBackup /nowhere').ExitCode | Should -Be 1
        (Invoke-CleanShell 'Measure-PgDatabase x -Server 127.0.0.1:1').ExitCode | Should -Be 1
    }
}

Describe 'The scheduled script of about_DbSafety' {
    BeforeAll {
        Import-Module "$PSScriptRoot/ScratchPostgres.psm1"
        $server = Start-ScratchPostgres
        New-Shop $server 'shop'
        Invoke-Sql $server postgres "CREATE ROLE stranger LOGIN PASSWORD '$($server.Password)'"
        # The variables of this process do not lead to the server.
        Remove-Item Env:PGHOST, Env:PGPORT, Env:PGUSER, Env:PGPASSWORD, Env:PGDATABASE
        $topic = Get-Content -Raw "$PSScriptRoot/../../en-US/about_DbSafety.help.txt"
        $recipe = [regex]::Match($topic, '(?s)\nEXAMPLES\n    A nightly backup as a scheduled task:\n\n(.*?)\nSEE ALSO\n').Groups[1].Value
        $recipe | Should -Match 'exit \('
        $recipe | Should -Match '/srv/shop/.env'
        $recipe = $recipe.Replace('/srv/shop/.env', '.env').Replace('/srv/backups', './backups')
        $modules = New-Item -ItemType Directory (Join-Path $TestDrive 'modules')
        $null = New-Item -ItemType SymbolicLink -Path "$modules/DbSafety" -Target (Split-Path $manifest)

        function Invoke-Recipe([string] $User, [int] $Port = $server.Port, [string] $Text = $recipe, [string] $ModulePath = $modules) {
            $folder = New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))
            Set-Content "$folder/.env" "DATABASE_URL=postgres://${User}:$($server.Password)@127.0.0.1:$Port/shop"
            Set-Content "$folder/nightly.ps1" $Text
            $program, $arguments = @(Get-ShellCommand) + @('-NoProfile', '-File', "$folder/nightly.ps1")
            $before = $env:PSModulePath
            Push-Location $folder
            try {
                $env:PSModulePath = $ModulePath
                $errors = $null | & $program @arguments 2>&1 | Out-String
            }
            finally {
                $env:PSModulePath = $before
                Pop-Location
            }
            [pscustomobject]@{ ExitCode = $LASTEXITCODE; Text = $errors; Sets = @(Get-ChildItem "$folder/backups" -Filter '*.json' -ErrorAction Ignore).Count }
        }
    }

    AfterAll {
        $env:PGHOST = $env:PGPORT = $env:PGUSER = $env:PGPASSWORD = $env:PGDATABASE = 'unused'
        Stop-ScratchPostgres $server
    }

    It 'ends with 0 after a backup' {
        $run = Invoke-Recipe postgres
        $run.ExitCode | Should -Be 0 -Because $run.Text
        $run.Sets | Should -Be 1
    }

    It 'ends with 3 when permission is denied' {
        $run = Invoke-Recipe stranger
        $run.ExitCode | Should -Be 3 -Because $run.Text
        $run.Text | Should -BeLike '*permission denied*'
        $run.Sets | Should -Be 0
    }

    It 'ends with 5 when no server responds' {
        (Invoke-Recipe postgres -Port 1).ExitCode | Should -Be 5
    }

    It 'ends with 1 when the module is not installed, and shows the reason' {
        $run = Invoke-Recipe postgres -ModulePath "$TestDrive/none"
        $run.ExitCode | Should -Be 1
        $run.Text | Should -BeLike "*'DbSafety' was not loaded*"
    }

    It 'ends with 1 for a misspelled <What>, and shows the error' -ForEach @(
        @{ What = 'cmdlet'; From = 'Backup-PgDatabase'; To = 'Backup-PgDatabse'; Shown = 'Backup-PgDatabse' }
        @{ What = 'parameter'; From = '-Destination'; To = '-Destinatoin'; Shown = 'Destinatoin' }
        @{ What = 'keyword'; From = 'catch {'; To = 'catsh {'; Shown = 'missing its Catch' }
    ) {
        $run = Invoke-Recipe postgres -Text $recipe.Replace($From, $To)
        $run.ExitCode | Should -Be 1
        $run.Text | Should -BeLike "*$Shown*"
        $run.Sets | Should -Be 0
    }
}
