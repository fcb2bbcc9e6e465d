BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    Import-Module "$PSScriptRoot/ScratchPostgres.psm1"
    Import-Module (Get-ModuleManifestPath)
    $server = Start-ScratchPostgres
    New-Shop $server 'shop'

    # Plain SQL migrations: name => text.
    function New-Migrations([System.Collections.IDictionary] $Files) {
        $folder = Join-Path $TestDrive ([guid]::NewGuid().ToString('N'))
        $null = New-Item -ItemType Directory $folder
        foreach ($name in $Files.Keys) { Set-Content (Join-Path $folder $name) $Files[$name] }
        $folder
    }
}

AfterAll { Stop-ScratchPostgres $server }

Describe 'Get-PgMigration' {
    BeforeAll { $folder = New-Migrations ([ordered]@{ '001_colour.sql' = 'ALTER TABLE orders ADD COLUMN colour text;'; '002_index.sql' = 'CREATE INDEX CONCURRENTLY ON orders (note);' }) }

    It 'lists pending migrations in order' {
        $found = Get-PgMigration $folder shop
        $found.Name | Should -BeLike '00*'
        $found.Count | Should -Be 2
        "$($found[0].State)" | Should -Be 'Pending'
    }

    It 'accepts folders and databases from the pipeline' {
        ($folder | Get-PgMigration -Database shop).Count | Should -Be 2
        (Get-Item $folder | Get-PgMigration -Database shop).Count | Should -Be 2
        (Get-PgDatabase shop | Get-PgMigration $folder).Count | Should -Be 2
        Push-Location $folder
        try { (Get-PgDatabase shop | Get-PgMigration).Count | Should -Be 2 } finally { Pop-Location }
    }

    It 'reports DBS401 when it finds no migrations' {
        { Get-PgMigration "$TestDrive/nowhere" shop } | Should -Throw -ErrorId 'DBS401,DbSafety.PowerShell.Commands.GetPgMigrationCommand'
    }
}

Describe 'Resolve-PgMigration' {
    BeforeEach {
        New-Shop $server 'pushed'
        $folder = New-Migrations ([ordered]@{ '001_a.sql' = 'CREATE TABLE orders (id int);'; '002_b.sql' = 'CREATE TABLE customers (id int);'; '003_c.sql' = 'CREATE TABLE visits (id int);' })
    }

    AfterEach { Invoke-Sql $server postgres 'DROP DATABASE pushed WITH (FORCE)' }

    It 'baselines a database that has a schema but no migration history' {
        $marked = Resolve-PgMigration $folder pushed 002_b.sql Baseline -Force
        $marked.Name | Should -Be '001_a.sql', '002_b.sql'
        (Get-PgMigration $folder pushed | Where-Object State -eq Pending).Name | Should -Be '003_c.sql'
        "$((Invoke-SafeMigration $folder pushed -Force -SkipBackup -SkipRehearsal 3>$null 6>$null).Outcome)" | Should -Be 'Applied'
    }

    It 'accepts failed migrations from the pipeline' {
        Remove-Item "$folder/002_b.sql"
        Set-Content "$folder/001_a.sql" 'CREATE INDEX CONCURRENTLY ON orders (note); SELECT 1/0;'
        { Invoke-SafeMigration $folder pushed -Force -SkipBackup -SkipRehearsal 3>$null 6>$null } | Should -Throw -ErrorId 'DBS406,DbSafety.PowerShell.Commands.InvokeSafeMigrationCommand'
        $failed = Get-PgMigration $folder pushed | Where-Object State -eq Failed
        $failed.Name | Should -Be '001_a.sql'
        $failed.Note | Should -Not -BeNullOrEmpty
        "$(($failed | Resolve-PgMigration $folder pushed -As RolledBack -Force).State)" | Should -Be 'RolledBack'
    }

    It 'writes nothing with -WhatIf, and reports DBS413 for a migration that cannot be marked as rolled back' {
        Resolve-PgMigration $folder pushed all Baseline -WhatIf | Out-Null
        (Get-PgMigration $folder pushed | Where-Object State -eq Pending).Count | Should -Be 3
        { Resolve-PgMigration $folder pushed 001_a.sql RolledBack -Force -ErrorAction Stop } | Should -Throw -ErrorId 'DBS413,DbSafety.PowerShell.Commands.ResolvePgMigrationCommand'
    }
}

Describe 'Test-PgMigration' {
    BeforeAll { $folder = New-Migrations @{ '001_drop.sql' = 'ALTER TABLE orders DROP COLUMN note;' } }

    It 'reports data loss without a database' {
        $finding = Test-PgMigration $folder -ExcludeRule missing-lock-timeout
        $finding.Rule | Should -Be 'drop-column'
        "$($finding.Severity)" | Should -Be 'Destructive'
        $finding.Object | Should -Be 'orders.note'
    }

    It 'includes row counts from the specified database' {
        (Test-PgMigration $folder shop).LiveFacts.Values | Should -Contain 1000
        (Get-PgDatabase shop | Test-PgMigration $folder).Message -join ' ' | Should -Match '1,000'
    }

    It 'lists harmless statements with -All' {
        $harmless = New-Migrations @{ '001_new.sql' = 'CREATE TABLE visits (id int PRIMARY KEY);'; '002_old.sql' = 'DROP TABLE visits;' }
        Test-PgMigration $harmless | Should -BeNullOrEmpty
        (Test-PgMigration $harmless -All).Rule | Should -Contain 'drop-table'
    }

    It 'shows each finding within 100 columns, without truncating its message' {
        $text = Test-PgMigration $folder shop | Out-String -Width 100
        ($text -split "`n" | ForEach-Object { $_.TrimEnd().Length } | Measure-Object -Maximum).Maximum | Should -BeLessOrEqual 100
        $text | Should -Not -Match '…'
    }
}

Describe 'Invoke-SafeMigration' {
    BeforeEach {
        New-Shop $server 'live'
        $folder = New-Migrations ([ordered]@{ '001_colour.sql' = 'ALTER TABLE orders ADD COLUMN colour text;'; '002_drop.sql' = "ALTER TABLE orders DROP COLUMN note;`nALTER TABLE customers DROP COLUMN name;" })
        $allow = 'drop-column:orders.note', 'drop-column:customers.name'
        function Get-Columns { Invoke-Sql $server live "SELECT string_agg(attname, ',' ORDER BY attname) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0 AND NOT attisdropped" }
        $before = Get-Columns
    }

    AfterEach { Invoke-Sql $server postgres 'DROP DATABASE live WITH (FORCE)' }

    It 'refuses migrations that would lose data, emits their result, and recommends the -Allow argument' {
        $run = @()
        try { Invoke-SafeMigration $folder live -Force -OutVariable run 3>$null 6>$null | Out-Null } catch { $failure = $_ }
        $failure.FullyQualifiedErrorId | Should -Be 'DBS403,DbSafety.PowerShell.Commands.InvokeSafeMigrationCommand'
        $failure.CategoryInfo.Category | Should -Be 'InvalidOperation'
        $failure.ErrorDetails.RecommendedAction | Should -BeLike "*-Allow 'drop-column:orders.note', 'drop-column:customers.name'"
        "$($run[0].Outcome)" | Should -Be 'Refused'
        Get-Columns | Should -Be $before
    }

    It 'shows plan and findings with -WhatIf and changes nothing, with or without -Allow and -Force' {
        $refused = Invoke-SafeMigration $folder live -WhatIf -Force -ErrorAction SilentlyContinue -ErrorVariable failures 3>$null 6>$null
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'DBS403,*'
        $refused.Findings.Rule | Should -Contain 'drop-column'
        $planned = Invoke-SafeMigration $folder live -WhatIf -Allow $allow -Destination "$TestDrive/none" 3>$null 6>$null
        "$($planned.Outcome)" | Should -Be 'Planned'
        $planned.Pending.Count | Should -Be 2
        $planned.Stages.Name | Should -Contain 'rehearse'
        ($planned | Out-String -Width 100) | Should -Match 'drop-column:orders\.note'
        Get-Columns | Should -Be $before
        (Get-PgMigration $folder live | Where-Object IsPending).Count | Should -Be 2
        "$TestDrive/none" | Should -Not -Exist
    }

    It 'backs up the database, then rehearses, applies and verifies allowed migrations' {
        $run = Get-PgDatabase live | Invoke-SafeMigration $folder -Force -Allow $allow -Destination "$TestDrive/net" -Environment prod 3>$null 6>$null
        "$($run.Outcome)" | Should -Be 'Applied'
        $run.Applied.Count | Should -Be 2
        $run.Backup.Environment | Should -Be 'prod'
        ($run.Backup | Test-PgBackup).Passed | Should -BeTrue
        Get-Columns | Should -Be 'colour,customer,id'
        "$((Invoke-SafeMigration $folder live -Force 6>$null).Outcome)" | Should -Be 'NothingToDo'
    }

    It 'fails with DBS901 in a non-interactive session without -Force' {
        $shell = Invoke-CleanShell "try { Invoke-SafeMigration '$folder' live } catch { `$_.FullyQualifiedErrorId }"
        $shell.Output | Should -BeLike 'DBS901,*'
        Get-Columns | Should -Be $before
    }
}

Describe 'Test-PgMigration, without a database' {
    BeforeAll {
        $folder = New-Migrations ([ordered]@{
            '001_users.sql' = "-- dbsafety: allow drop-column users.legacy because nobody writes it`nALTER TABLE users DROP COLUMN legacy;"
            '002_drop.sql' = 'DROP TABLE orders; CREATE INDEX i ON users (id);'
        })
    }

    It 'filters findings by rule and severity' {
        (Test-PgMigration $folder -Rule drop-table).AllowAs | Should -Be 'drop-table:orders'
        (Test-PgMigration $folder -Severity Destructive, Blocking -ExcludeRule missing-lock-timeout).Rule | Should -Be 'drop-table', 'create-index-blocking'
        (Get-ChildItem $folder -Filter *.sql | Test-PgMigration -Severity Destructive).Object | Should -Be 'orders'
    }

    It 'reports a finding as Info if a comment allows it with a reason, and warns about a comment without a reason' {
        $allowed = Test-PgMigration $folder -All | Where-Object Rule -eq drop-column
        "$($allowed.Severity)" | Should -Be 'Info'
        $allowed.AllowedBecause | Should -Be 'nobody writes it'
        $null = Test-PgMigration -Sql "-- dbsafety: allow drop-table a`nDROP TABLE a" -WarningVariable said -WarningAction SilentlyContinue
        "$said" | Should -BeLike '*has no reason*'
    }

    It 'writes SARIF and GitHub annotations' {
        $log = Test-PgMigration $folder -As Sarif | ConvertFrom-Json
        $log.version | Should -Be '2.1.0'
        ($log.runs[0].results | Where-Object level -eq error).ruleId | Should -Be 'drop-table'
        Test-PgMigration $folder -Rule drop-table -As GitHub | Should -BeLike '::error file=*002_drop.sql,line=1,*'
    }

    It 'emits each finding immediately, and stops when Select-Object -First has enough findings' {
        $long = "$TestDrive/long.sql"
        Set-Content $long ("DROP TABLE t;`n" * 100000)
        $time = Measure-Command { $first = Test-PgMigration $long -Rule drop-table | Select-Object -First 2 }
        $first.Line | Should -Be 1, 2
        $time.TotalSeconds | Should -BeLessThan (Measure-Command { Test-PgMigration $long -As GitHub | Out-Null }).TotalSeconds
    }

    It 'completes rule names, and reports DBS520 for an unknown rule' {
        $line = 'Test-PgMigration . -Rule drop-c'
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be 'drop-cascade', 'drop-column', 'drop-constraint'
        { Test-PgMigration $folder -Rule drop-colum } | Should -Throw -ErrorId 'DBS520,DbSafety.PowerShell.Commands.TestPgMigrationCommand'
    }
}
