# What every cmdlet emits, as people see it and as scripts hand it on.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/ScratchEngine.psm1"
    $kinds = 'PgDatabase', 'PgBackup', 'PgBackupTest', 'PgRestore', 'PgRetainedDatabase', 'PgFingerprint', 'PgDifference', 'PgMigration', 'MigrationFinding', 'SafeMigration', 'DockerVolumeTest', 'PgDockerVolume' |
        ForEach-Object { @{ Kind = $_; Skip = $_ -like '*DockerVolume*' -and -not (Test-ScratchEngine) } }
}

BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    Import-Module "$PSScriptRoot/ScratchPostgres.psm1"
    Import-Module "$PSScriptRoot/ScratchEngine.psm1"
    $manifest = Get-ModuleManifestPath
    Import-Module $manifest
    $server = Start-ScratchPostgres
    $engine = Start-ScratchEngine
    New-Shop $server 'shop'
    New-Shop $server ('a_name_' + 'x' * 56)
    $folder = New-Item -ItemType Directory "$TestDrive/migrations"
    Set-Content "$folder/001_visits.sql" 'CREATE TABLE visits (id int);'
    Set-Content "$folder/002_drop.sql" 'ALTER TABLE orders DROP COLUMN note;'
    if ($engine) {
        $null = docker create --name careless --env POSTGRES_PASSWORD=x $engine.Image
        Start-ShopContainer $engine gone '-v', 'lost-data:/var/lib/postgresql/data'
        $null = docker rm --force gone
    }

    $backup = Backup-PgDatabase shop "$TestDrive/backups" -Environment prod -Label weekly
    $long = Backup-PgDatabase ('a_name_' + 'x' * 56) "$TestDrive/backups"
    Copy-Item -Recurse "$TestDrive/backups" "$TestDrive/damaged"
    Get-ChildItem "$TestDrive/damaged" -Filter '*.zst' | ForEach-Object { Set-Content $_ 'no dump' }
    # One or more of each type, good and bad.
    $all = @{
        PgDatabase       = @(Get-PgDatabase)
        PgBackup         = @(Get-PgBackup "$TestDrive/backups", "$TestDrive/damaged")
        PgBackupTest     = @(Get-ChildItem "$TestDrive/backups/*.json", "$TestDrive/damaged/*.json" | Test-PgBackup -ErrorAction SilentlyContinue)
        PgRestore        = @(Restore-PgDatabase $backup.Path shop_copy -Force)
        PgRetainedDatabase = @(& { $null = Restore-PgDatabase $backup.Path shop_copy -Force -AllowOtherDatabase; Get-PgRetainedDatabase })
        PgFingerprint    = @(Measure-PgDatabase shop -Checksum)
        PgDifference     = @(Compare-PgDatabase $backup.Path $long.Path)
        PgMigration      = @(Get-PgMigration $folder shop)
        MigrationFinding = @(Test-PgMigration $folder shop -All)
        SafeMigration    = @(Invoke-SafeMigration $folder shop -WhatIf -ErrorAction SilentlyContinue -WarningAction Ignore 6>$null)
        DockerVolumeTest = @(if ($engine) { Test-DockerVolume careless })
        PgDockerVolume   = @(if ($engine) { Find-PgDockerVolume })
    }
}

AfterAll {
    Stop-ScratchEngine $engine
    Stop-ScratchPostgres $server
}

Describe '<Kind>' -ForEach $kinds {
    BeforeAll { $objects = $all[$Kind] }

    It 'is the output type of its cmdlet' -Skip:$Skip {
        $objects.Count | Should -BeGreaterThan 0
        $objects.ForEach{ $_.GetType().Name } | Sort-Object -Unique | Should -Be $Kind
    }

    It 'is shown within 100 columns as a table, and with readable values as a list' -Skip:$Skip {
        $style = $PSStyle.OutputRendering
        $PSStyle.OutputRendering = 'PlainText'
        try {
            $table = $objects | Format-Table | Out-String -Width 100 -Stream
            ($table | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 100
            $table[1] | Should -Not -BeNullOrEmpty
            foreach ($line in $objects | Format-List | Out-String -Width 300 -Stream) { $line | Should -Not -Match 'System\.|DbSafety\.[A-Z]\w+\.[A-Z]' }
        }
        finally { $PSStyle.OutputRendering = $style }
    }

    It 'preserves its type and its table view after Export-Clixml and Import-Clixml, as in remoting' -Skip:$Skip {
        $objects | Export-Clixml "$TestDrive/$Kind.xml" -Depth 5
        $back = @(Import-Clixml "$TestDrive/$Kind.xml")
        $back.Count | Should -Be $objects.Count
        $back[0].PSTypeNames[0] | Should -BeLike "Deserialized.DbSafety.*.$Kind"
        ($back | Format-Table | Out-String -Width 100) | Should -Be ($objects | Format-Table | Out-String -Width 100)
    }

    It 'converts to JSON of depth 5 without data loss' -Skip:$Skip {
        $json = $objects | ConvertTo-Json -Depth 5 -WarningVariable lost -WarningAction SilentlyContinue
        $lost | Should -BeNullOrEmpty
        @($json | ConvertFrom-Json).Count | Should -Be $objects.Count
        $json | Should -Not -Match $server.Password
    }
}

Describe 'Objects from earlier commands' {
    It 'bind from the pipeline after conversion from CLIXML or JSON' {
        $backup | Export-Clixml "$TestDrive/kept.xml"
        (Import-Clixml "$TestDrive/kept.xml" | Test-PgBackup).Passed | Should -BeTrue
        ($backup | ConvertTo-Json -Depth 5 | ConvertFrom-Json | Test-PgBackup).Passed | Should -BeTrue
    }

    It 'bind from the pipeline in other runspaces' {
        $passed = $backup, $long | ForEach-Object -Parallel { Import-Module $using:manifest; ($_ | Test-PgBackup).Passed }
        $passed | Should -Be $true, $true
        $rows = 'shop', 'shop_copy' | ForEach-Object -Parallel { Import-Module $using:manifest; (Measure-PgDatabase $_).Rows }
        $rows | Should -Be 1100, 1100
    }
}

Describe 'Colours' {
    BeforeAll {
        $escape = [char] 27
        function Show-Tests([string] $Before) {
            $text = "$Before; Import-Module '$manifest'; Get-ChildItem '$TestDrive/backups/*.json', '$TestDrive/damaged/*.json' | Test-PgBackup -ErrorAction SilentlyContinue | Out-String"
            $program, $arguments = @(Get-ShellCommand) + @('-NoProfile', '-NonInteractive', '-Command', $text)
            (& $program @arguments) -join "`n"
        }
    }

    It 'distinguish passed and failed results' {
        $kept = $env:NO_COLOR
        $env:NO_COLOR = $null
        try { $shown = Show-Tests '$PSStyle.OutputRendering = "Ansi"' } finally { $env:NO_COLOR = $kept }
        $shown | Should -Match "$escape\[92mTrue"
        $shown | Should -Match "$escape\[91mFalse"
    }

    It 'are omitted when output is redirected or NO_COLOR is set' {
        Show-Tests '$null = 1' | Should -Not -Match $escape
        $kept = $env:NO_COLOR
        $env:NO_COLOR = '1'
        try { Show-Tests '$null = 1' | Should -Not -Match $escape } finally { $env:NO_COLOR = $kept }
    }
}

Describe 'Progress' {
    It 'reports bytes and its parent activity' {
        Invoke-Sql $server shop 'CREATE TABLE big AS SELECT i, repeat(md5(i::text), 30) AS t FROM generate_series(1, 60000) i; ANALYZE big'
        $shell = [powershell]::Create()
        $null = $shell.AddScript("Import-Module '$manifest'; Invoke-SafeMigration '$folder' shop -Destination '$TestDrive/progress' -AllowAll -Force -WarningAction Ignore")
        $run = $shell.Invoke()
        $run[0].Outcome | Should -Be Applied -Because ($shell.Streams.Error -join ' ')
        $records = $shell.Streams.Progress
        $outer = $records.Where({ $_.Activity -eq 'Safe migration of shop' })
        $outer.StatusDescription | Select-Object -Unique | Should -Be preflight, analyse, gate, 'back up', rehearse, apply, verify, Done
        $inner = $records.Where({ $_.Activity -eq 'Backing up shop' -and $_.StatusDescription -match 'MB' })
        $inner.Count | Should -BeGreaterThan 2
        $inner[-1].ParentActivityId | Should -Be $outer[0].ActivityId
        $inner[-1].StatusDescription | Should -Match '^[\d.]+ MB'
        $inner.PercentComplete | Measure-Object -Maximum | ForEach-Object Maximum | Should -BeGreaterThan 50
    }
}
