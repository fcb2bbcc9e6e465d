BeforeDiscovery {
    Import-Module "$PSScriptRoot/ScratchEngine.psm1"
    $withoutEngine = -not (Test-ScratchEngine)
}

BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    Import-Module "$PSScriptRoot/ScratchPostgres.psm1"
    Import-Module "$PSScriptRoot/ScratchEngine.psm1"
    Import-Module (Get-ModuleManifestPath)
    $server = Start-ScratchPostgres
    New-Shop $server 'shop'
    New-Shop $server 'Odd [1] "name"' 10
    Invoke-Sql $server shop 'CREATE SCHEMA stock; CREATE TABLE stock.orders (id int); CREATE TABLE stock."Left Over" (id int); CREATE EXTENSION pg_trgm'
    $url = "postgres://postgres:$($server.Password)@127.0.0.1:$($server.Port)"
    $backup = Backup-PgDatabase shop "$TestDrive/my backups" -Environment prod -Label weekly, pre-migration
    $null = Backup-PgDatabase 'Odd [1] "name"' "$TestDrive/my backups" -Environment staging

    # The tip of the first answer.
    function Get-Tip([string] $Line) {
        $null = Complete $Line
        foreach ($attempt in 1..20) {
            $first = (TabExpansion2 $Line $Line.Length).CompletionMatches[0]
            if ($first -and $first.CompletionText -notlike './*') { break }
        }
        $first.ToolTip
    }

    function Complete-Once([string] $Line) { (TabExpansion2 $Line $Line.Length).CompletionMatches.CompletionText }

    # A busy machine may not answer in time, and the shell then offers its files, or nothing: a person presses Tab again.
    function Complete([string] $Line) {
        foreach ($attempt in 1..20) {
            $found = Complete-Once $Line
            if ($found -and $found[0] -notlike './*') { break }
        }
        $found
    }
}

AfterAll { Stop-ScratchPostgres $server }

Describe 'Completion of databases, schemas and tables' {
    It 'queries the server that the command line specifies' {
        Complete 'Backup-PgDatabase -Database sh' | Should -Be 'shop'
        Complete 'Measure-PgDatabase ' | Should -Be @("'Odd [1] `"name`"'", 'postgres', 'shop')
        $kept = $env:PGPORT
        $env:PGPORT = '1'
        try { Complete "Measure-PgDatabase -ConnectionString '$url/postgres' -Database sh" | Should -Be 'shop' } finally { $env:PGPORT = $kept }
    }

    It 'shows tables of the specified database, and matches them with or without the schema name' {
        Complete 'Backup-PgDatabase shop ./x -Table ' | Should -Be 'public.customers', 'public.orders', "'stock.`"Left Over`"'", 'stock.orders'
        Complete 'Backup-PgDatabase shop ./x -ExcludeTable ord' | Should -Be 'public.orders', 'stock.orders'
        Complete 'Backup-PgDatabase shop ./x -Table public.customers, stock.o' | Should -Be 'stock.orders'
        Complete "Backup-PgDatabase 'Odd [1] `"name`"' ./x -Table " | Should -Be 'public.customers', 'public.orders'
        Complete 'Backup-PgDatabase shop ./x -Schema ' | Should -Be public, stock
    }

    It 'shows the retained databases of the specified database' {
        $restore = Restore-PgDatabase $backup.Path shop -Force
        Complete 'Undo-PgRestore shop -To ' | Should -Be $restore.RetainedAs
        Complete 'Remove-PgRetainedDatabase sh' | Should -Be $restore.RetainedAs
        Complete-Once "Undo-PgRestore 'Odd [1] `"name`"' -To sh" | Should -Not -Contain $restore.RetainedAs
        $null = Remove-PgRetainedDatabase $restore.RetainedAs -Force
    }

    It 'returns within 300 ms without completions when no server responds' {
        $null = Complete 'Measure-PgDatabase -Database sh'
        foreach ($line in 'Measure-PgDatabase -Server 192.0.2.1 -Database sh', 'Backup-PgDatabase -Server 192.0.2.1 -Database x -Table pub', 'Get-PgDatabase -DockerHost tcp://192.0.2.1:2375 -Container sh') {
            # 192.0.2.0/24 is for documentation: nobody answers there. The rest of the time is the shell's, which looks for files then.
            (1..5 | ForEach-Object { (Measure-Command { Complete-Once $line }).TotalMilliseconds } | Measure-Object -Minimum).Minimum | Should -BeLessThan 400
        }
        Complete-Once 'Measure-PgDatabase -Server 127.0.0.1:1 -Database sh' | Should -Not -Contain 'shop'
    }

    It 'returns completions within 300 ms when a server responds' {
        foreach ($line in 'Measure-PgDatabase -Database sh', 'Backup-PgDatabase shop ./x -Table ord') {
            $times = 1..5 | ForEach-Object { (Measure-Command { Complete-Once $line }).TotalMilliseconds }
            ($times | Measure-Object -Minimum).Minimum | Should -BeLessThan 300
        }
    }
}

Describe 'Completion of backups' {
    It 'shows the backup sets of the specified folder' {
        Push-Location $TestDrive
        try {
            $name = Split-Path -Leaf $backup.Path
            Complete "Restore-PgDatabase './my backups/backup_prod" | Should -Be "'./my backups/$name'"
            (Complete "Test-PgBackup './my backups/'").Count | Should -Be 2
            Get-Tip "Test-PgBackup './my backups/backup_prod" | Should -BeLike 'shop: Intact, 1,100 rows*'
        }
        finally { Pop-Location }
    }

    It 'shows the tables and extensions of the specified backup set' {
        Complete "Restore-PgDatabase '$($backup.Path)' -Table ord" | Should -Be 'public.orders', 'stock.orders'
        Complete "Restore-PgDatabase '$($backup.Path)' -SkipExtension " | Should -Be pg_trgm, plpgsql
    }

    It 'shows the labels, environments and databases of the backups in the specified folder' {
        Complete "Backup-PgDatabase shop '$TestDrive/my backups' -Label " | Should -Be 'pre-migration', weekly
        Complete "Backup-PgDatabase shop '$TestDrive/my backups' -Environment " | Should -Be prod, staging
        Complete "Get-PgBackup '$TestDrive/my backups' -Database s" | Should -Be shop
        Complete "Remove-PgBackup '$TestDrive/my backups' -Environment p" | Should -Be prod
        Complete "Remove-PgBackup '$TestDrive/my backups' -KeepLabel w" | Should -Be weekly
    }
}

Describe 'Completion of migrations' {
    BeforeAll {
        $folder = New-Item -ItemType Directory "$TestDrive/migrations"
        Set-Content "$folder/001_first.sql" 'CREATE TABLE visits (id int);'
        Set-Content "$folder/002_drop.sql" 'ALTER TABLE customers DROP COLUMN name; DROP TABLE stock.orders;'
    }

    It 'shows migrations with their states' {
        Complete "Resolve-PgMigration $folder shop " | Should -Be '001_first.sql', '002_drop.sql'
        Get-Tip "Resolve-PgMigration $folder shop 002" | Should -Be Pending
    }

    It 'shows the rules' {
        Complete 'Test-PgMigration ./x -Rule drop-col' | Should -Be drop-column
        Complete 'Test-PgMigration ./x -ExcludeRule drop-column, drop-t' | Should -Be drop-table, drop-trigger, drop-type
    }

    It 'shows the values that -Allow accepts, each with a description of its statement' {
        Complete "Invoke-SafeMigration $folder shop -Allow " | Should -Be 'drop-column:customers.name', 'drop-table:stock.orders'
        Get-Tip "Invoke-SafeMigration $folder shop -Allow drop-t" | Should -BeLike '002_drop.sql line 1 drops table stock.orders*'
    }
}

Describe 'Completion of containers and volumes' -Skip:$withoutEngine {
    BeforeAll {
        $engine = Start-ScratchEngine
        if (-not $engine) { return }
        $null = docker create --name shop-db --volume shop-data:/data --label com.docker.compose.project=shop --label com.docker.compose.service=db dbsafety-test/app:1.0
        $null = docker create --name web dbsafety-test/app:1.0
        $null = docker volume create lost-data
    }

    AfterAll { Stop-ScratchEngine $engine }

    It 'shows containers, compose services and volumes of the specified Docker engine' {
        Complete 'Test-DockerVolume ' | Should -Be shop-db, web, shop/db
        Complete 'Get-PgDatabase -Container shop/' | Should -Be shop/db
        Complete 'Backup-PgDatabase -Destination x -Volume ' | Should -Be lost-data, shop-data
        Get-Tip 'Find-PgDockerVolume lost' | Should -Be 'no container uses it'
        $there = $env:DOCKER_HOST
        $env:DOCKER_HOST = 'unix:///nowhere'
        try { Complete "Find-PgDockerVolume -DockerHost $there -Volume shop" | Should -Be shop-data } finally { $env:DOCKER_HOST = $there }
    }
}
