BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    Import-Module (Get-ModuleManifestPath)
}

# The texts are those of SecretFuzzTests, whose C# reads what the types say; here it is what PowerShell keeps and shows of a failed command.
Describe 'A password in a malformed connection string' {
    It 'does not appear in any stream, transcript, error, JSON or CLIXML, regardless of the parameter' {
        $left, $right = 'qZ7hush', 'kW4mum'
        $data = Get-Content "$PSScriptRoot/../DbSafety.Core.Tests/Databases/secret-forms.json" -Raw | ConvertFrom-Json
        $random = [Random]::new(17)
        # Where it can be read, nothing answers.
        # A word alone is the name of a host or a file, whatever was meant.
        $texts = foreach ($form in $data.forms -notmatch '^(host=)?\{0\}$') {
            foreach ($between in $data.between | Sort-Object { $random.Next() } | Select-Object -First 16) {
                $form -replace '@h1,h2/', '@127.0.0.1:1,127.0.0.1:1/' -replace '@h(:5433)?/', '@127.0.0.1:1/' -replace '//h/', '//127.0.0.1:1/' -replace '^host=h ', 'host=127.0.0.1 port=1 ' -replace '^Host=h;', 'Host=127.0.0.1;Port=1;' -replace '\{0\}', ($left + $between + $right).Replace('$', '$$')
            }
        }
        $texts.Count | Should -BeGreaterThan 300
        $commands = @(
            { param($text) Get-PgDatabase -ConnectionString $text -Verbose -Debug }
            { param($text) Measure-PgDatabase -ConnectionString $text -Verbose -Debug }
            { param($text) Get-PgDatabase $text -Server 127.0.0.1 -Port 1 -Verbose -Debug }
            { param($text) Measure-PgDatabase -Server $text -Port 1 -Database d -Verbose -Debug }
            { param($text) Set-Content "$TestDrive/.env" "DATABASE_URL=`"$text`""; Measure-PgDatabase -EnvFile "$TestDrive/.env" -Verbose -Debug }
            { param($text) Restore-PgDatabase $text -ConnectionString 'postgres://u@127.0.0.1:1/d' -Force -Verbose -Debug }
            { param($text) Backup-PgDatabase -ConnectionString $text -Destination "$TestDrive/set" -Verbose -Debug }
            { param($text) Compare-PgDatabase $text $text -Verbose -Debug }
        )
        $Error.Clear()
        $told = [Collections.Generic.List[string]]::new()
        $transcript = "$TestDrive/transcript.txt"
        $shown = [Text.StringBuilder]::new()
        $null = Start-Transcript $transcript
        try {
            foreach ($i in 0..($texts.Count - 1)) {
                try { $null = $shown.Append((& $commands[$i % $commands.Count] $texts[$i] *>&1 | Out-String)) } catch { $record = $_ }
                # PowerShell's own record of what was typed is its InvocationInfo.
                $kept = ($record | Format-List * -Force | Out-String) + ($record.Exception | Format-List * -Force | Out-String) + $(
                    # Npgsql's own exceptions have properties of the same name, which ConvertTo-Json does not take.
                    try { $record | Select-Object Exception, TargetObject, CategoryInfo, FullyQualifiedErrorId, ErrorDetails | ConvertTo-Json -Depth 3 -WarningAction SilentlyContinue } catch [ArgumentException] { "$($record.TargetObject)" })
                # A host that the text names is shown where it cannot be reached; there, half of what was meant as a password can be a host, for psql too.
                if ($kept.Contains($left) -or ($kept.Contains($right) -and $record.FullyQualifiedErrorId -notmatch '^DBS10[0-3]')) { $told.Add("$($commands[$i % $commands.Count]): $($texts[$i]): $($record.Exception.Message)") }
            }
        }
        finally { $null = Stop-Transcript }
        $Error | Select-Object -First 50 Exception, TargetObject, ErrorDetails, CategoryInfo | Export-Clixml "$TestDrive/errors.xml" -Depth 2
        $told | Should -BeNullOrEmpty
        $shown.ToString() | Should -Not -Match $left
        Get-Content $transcript -Raw | Should -Not -Match $left
        Get-Content "$TestDrive/errors.xml" -Raw | Should -Not -Match $left
        Get-ChildItem $TestDrive -Recurse -Force | ForEach-Object FullName | Should -Not -Match $left
    }
}
