# Every example of every page and about topic is run, as it stands there, against a real server or a real Docker engine.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/ScratchEngine.psm1"
    $withoutEngine = -not (Test-ScratchEngine)
    $pages = Get-ChildItem "$PSScriptRoot/../../docs/commands" -Filter '*-*.md'
    $examples = foreach ($page in $pages) {
        foreach ($match in [regex]::Matches((Get-Content -Raw $page), '(?s)### (Example \d+: [^\n]+)\n\n```powershell\n(.*?)\n```')) {
            @{ Page = $page.BaseName; Title = $match.Groups[1].Value; Code = $match.Groups[2].Value }
        }
    }
    # The script of about_DbSafety ends with an exit code: ExitCodes.Tests.ps1 runs it.
    $examples += foreach ($topic in Get-ChildItem "$PSScriptRoot/../../en-US" -Filter 'about_*_*_*.help.txt') {
        $text = (Get-Content -Raw $topic) -replace '(?s)^.*\nEXAMPLES\n(.*?)\nSEE ALSO\n.*$', '$1'
        foreach ($match in [regex]::Matches($text, '(?m)^    (\S[^\n]*(?:\n    \S[^\n]*)*):\n\n((?:        [^\n]*\n)+)')) {
            @{ Page = $topic.Name -replace '\..*'; Title = $match.Groups[1].Value; Code = $match.Groups[2].Value }
        }
    }
    $withContainers, $examples = $examples.Where({ $_.Code -match 'Container|DockerVolume|-Volume ' }, 'Split')
}

BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    Import-Module "$PSScriptRoot/ScratchPostgres.psm1"
    Import-Module (Get-ModuleManifestPath)
    $server = Start-ScratchPostgres
}

AfterAll { Stop-ScratchPostgres $server }

Describe 'The examples of the help pages' {
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
        Get-PgDatabase 'shop*' -IncludeRetained | ForEach-Object { Invoke-Sql $server postgres "DROP DATABASE `"$($_.Database)`" WITH (FORCE)" }
    }

    It 'cover every page and topic' -ForEach @(@{ Pages = ($examples + $withContainers).Page }) {
        $there = @(Get-ChildItem "$PSScriptRoot/../../docs/commands" -Filter '*-*.md') + @(Get-ChildItem "$PSScriptRoot/../../en-US" -Filter 'about_*_*_*.help.txt' | Where-Object { (Get-Content $_) -contains 'EXAMPLES' })
        $Pages | Sort-Object -Unique | Should -Be @($there.Name -replace '\..*' | Sort-Object)
    }

    It 'run: <Page>, <Title>' -ForEach $examples {
        if ($Page -match '^Undo-PgRestore$|PgRetainedDatabase$') { $null = $backup | Restore-PgDatabase -Force }
        # The page's moment in time becomes this run's.
        $text = $Code.Replace('backup_prod_shop_20261120T021500Z.json', (Split-Path -Leaf $backup.Path))
        $ConfirmPreference = 'None'
        $ErrorActionPreference = 'Stop'
        { [scriptblock]::Create($text).Invoke() } | Should -Not -Throw
    }
}

Describe 'The examples of the help pages that require containers' -Skip:$withoutEngine {
    BeforeAll {
        Import-Module "$PSScriptRoot/ScratchEngine.psm1"
        $engine = Start-ScratchEngine
        if (-not $engine) { return }
        $folder = New-Item -ItemType Directory "$TestDrive/containers"
        Start-ShopContainer $engine shop-db-1 '-v', 'shop-data:/var/lib/postgresql/data', '--label', 'com.docker.compose.project=shop', '--label', 'com.docker.compose.service=db', '--label', "com.docker.compose.project.config_files=$folder/docker-compose.yml"
        Start-ShopContainer $engine gone '-v', 'old_data:/var/lib/postgresql/data'
        $null = docker rm --force gone
        Set-Content "$folder/docker-compose.yml" "services:`n  db:`n    image: $($engine.Image)`n"
        Set-Content "$folder/.env" "DATABASE_URL=postgres://postgres:not-a-secret@127.0.0.1:$((docker port shop-db-1 5432/tcp) -replace '.*:')/shop"
        Push-Location $folder
    }

    AfterAll {
        if ($engine) { Pop-Location }
        Stop-ScratchEngine $engine
    }

    It 'run: <Page>, <Title>' -ForEach $withContainers {
        $ConfirmPreference = 'None'
        $ErrorActionPreference = 'Stop'
        { [scriptblock]::Create($Code).Invoke() } | Should -Not -Throw
    }
}
