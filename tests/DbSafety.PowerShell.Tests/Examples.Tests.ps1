# Every example of every page is run, as it stands on the page, against a real server.

BeforeDiscovery {
    $pages = Get-ChildItem "$PSScriptRoot/../../docs/commands" -Filter '*-*.md'
    $examples = foreach ($page in $pages) {
        foreach ($match in [regex]::Matches((Get-Content -Raw $page), '(?s)### (Example \d+: [^\n]+)\n\n```powershell\n(.*?)\n```')) {
            @{ Page = $page.BaseName; Title = $match.Groups[1].Value; Code = $match.Groups[2].Value }
        }
    }
    # These need a container: they are run against a real engine in DbSafety.Integration.Tests.
    $examples = $examples | Where-Object Page -notin 'Test-DockerVolume', 'Find-PgDockerVolume'
}

BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    Import-Module "$PSScriptRoot/ScratchPostgres.psm1"
    Import-Module (Get-ModuleManifestPath)
    $server = Start-ScratchPostgres
}

AfterAll { Stop-ScratchPostgres $server }

Describe 'The examples of the pages' {
    BeforeEach {
        'shop', 'shop_test' | ForEach-Object { New-Shop $server $_ }
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid().ToString('N')))
        Set-Content "$folder/.env" "DATABASE_URL=postgres://postgres:$($server.Password)@127.0.0.1:$($server.Port)/shop"
        $null = New-Item -ItemType Directory "$folder/migrations", "$folder/prisma/migrations/20260101000000_visits"
        Set-Content "$folder/migrations/001_visits.sql" $(if ($Code -like '*-Allow *') { 'ALTER TABLE orders DROP COLUMN note;' } else { 'CREATE TABLE visits (id int PRIMARY KEY);' })
        Set-Content "$folder/prisma/migrations/migration_lock.toml" 'provider = "postgresql"'
        Set-Content "$folder/prisma/migrations/20260101000000_visits/migration.sql" 'CREATE TABLE visits (id int PRIMARY KEY);'
        $backup = Backup-PgDatabase shop "$folder/backups" -Environment prod
        Push-Location $folder
    }

    AfterEach {
        Pop-Location
        Get-PgDatabase 'shop*' | ForEach-Object { Invoke-Sql $server postgres "DROP DATABASE `"$($_.Database)`" WITH (FORCE)" }
    }

    It 'run: <Page>, <Title>' -ForEach $examples {
        if ($Page -eq 'Undo-PgRestore') { $null = $backup | Restore-PgDatabase -Force }
        # The page's moment in time becomes this run's.
        $text = $Code.Replace('backup_prod_shop_20261120T021500Z.json', (Split-Path -Leaf $backup.Path))
        $ConfirmPreference = 'None'
        $ErrorActionPreference = 'Stop'
        { [scriptblock]::Create($text).Invoke() } | Should -Not -Throw
    }
}
