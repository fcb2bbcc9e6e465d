BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    Import-Module "$PSScriptRoot/ScratchPostgres.psm1"
    Import-Module (Get-ModuleManifestPath)
    $server = Start-ScratchPostgres
    $url = "postgres://postgres:$($server.Password)@127.0.0.1:$($server.Port)"
    function Get-Names { Invoke-Sql $server postgres 'SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1' }
    function Get-Orders([string] $Database) { [int](Invoke-Sql $server $Database 'SELECT count(*) FROM orders') }
}

AfterAll { Stop-ScratchPostgres $server }

Describe 'Restore-PgDatabase and Undo-PgRestore' {
    BeforeEach {
        New-Shop $server 'shop'
        $backup = Backup-PgDatabase shop "$TestDrive/$([guid]::NewGuid())"
        Invoke-Sql $server shop 'DELETE FROM orders WHERE id > 10'
    }

    AfterEach {
        Get-Names | Where-Object { $_ -ne 'postgres' } | ForEach-Object { Invoke-Sql $server postgres "DROP DATABASE `"$_`" WITH (FORCE)" }
    }

    It 'never takes its server from the properties of a piped backup' {
        $places = (Get-Command Restore-PgDatabase).Parameters.Values.Where({ $_.Name -in 'Server', 'Port', 'ConnectionString', 'EnvFile', 'Container' }).ForEach({ $_.Name; $_.Aliases })
        $backup.PSObject.Properties.Name | Where-Object { $_ -in $places } | Should -BeNullOrEmpty
    }

    It 'replaces the database with the backup, retains the previous database, and undoes the restore' {
        $restore = $backup | Restore-PgDatabase -Force
        $restore.Verified | Should -BeTrue
        $restore.Rows | Should -Be 1100
        $restore.RetainedAs | Should -Match '^shop_before_\d{8}T\d{6}Z$'
        Get-Orders shop | Should -Be 1000
        Get-Orders $restore.RetainedAs | Should -Be 10

        $undo = $restore | Undo-PgRestore -Force
        $undo.Database | Should -Be 'shop'
        Get-Orders shop | Should -Be 10
    }

    It 'shows the plan with -WhatIf and changes nothing, also with -Force' {
        $plan = Restore-PgDatabase $backup.Path shop -WhatIf -Force
        $plan.WhatIf | Should -BeTrue
        $plan.Verified | Should -BeFalse
        $plan.RetainedAs | Should -BeLike 'shop_before_*'
        Get-Names | Should -Be @('postgres', 'shop')
        Get-Orders shop | Should -Be 10
    }

    It 'restores as the database of the backup, unless something names another one' {
        $before = $env:PGDATABASE
        try {
            $env:PGDATABASE = $null
            (Restore-PgDatabase $backup.Path -WhatIf -Force).Database | Should -Be 'shop'
            $env:PGDATABASE = 'shop_named'
            (Restore-PgDatabase $backup.Path -WhatIf -Force).Database | Should -Be 'shop_named'
        }
        finally { $env:PGDATABASE = $before }
    }

    It 'counts only the tables whose rows it restored' {
        $part = Restore-PgDatabase $backup.Path shop_part -Table orders -Force
        $part.Tables, $part.Rows | Should -Be 1, 1000
    }

    It 'refuses a second backup for the same database in a pipeline, because the oldest backup would remain' {
        $folder = Split-Path $backup.Path
        $null = Backup-PgDatabase shop $folder
        { Get-PgBackup $folder | Restore-PgDatabase -WhatIf -Force -ErrorAction Stop } | Should -Throw -ErrorId 'DBS328,*'
    }

    It 'shows in the plan what happens to the live database' {
        $shell = Invoke-CleanShell "`$null = Restore-PgDatabase '$($backup.Path)' shop -WhatIf"
        $shell.Output -replace '\s+', ' ' | Should -BeLike "What if: Restore $(Split-Path -Leaf $backup.Path) beside 'shop' on 127.0.0.1:$($server.Port), verify it, then swap; a database 'shop' that exists is retained as 'shop_before_*"
    }

    It 'asks before it replaces the database, and the question states whether the database is retained' {
        foreach ($case in @{ Option = ''; Expected = 'is retained*' }, @{ Option = "-InPlace '$TestDrive/before'"; Expected = 'is not retained: it is backed up to * first*' }) {
            $program, $arguments = @(Get-ShellCommand) + '-NoProfile' + '-Command' + "Import-Module '$(Get-ModuleManifestPath)'; Restore-PgDatabase '$($backup.Path)' shop $($case.Option) -Confirm"
            $output = 'n' | & $program $arguments
            "$output" -replace '\s+', ' ' | Should -BeLike "*The current database $($case.Expected)*"
        }
        Get-Orders shop | Should -Be 10
    }

    It 'respects $WhatIfPreference' {
        $WhatIfPreference = $true
        (Restore-PgDatabase $backup.Path shop -Force).WhatIf | Should -BeTrue
        Get-Orders shop | Should -Be 10
    }

    It 'prefers the database of a URL to the source database of a piped backup' {
        $restore = $backup | Restore-PgDatabase -ConnectionString "$url/copy" -Confirm:$false
        $restore.Database | Should -Be 'copy'
        $restore.RetainedAs | Should -BeNullOrEmpty
        Get-Orders copy | Should -Be 1000
        Get-Orders shop | Should -Be 10
    }

    It 'prefers the -Database parameter to all other sources' {
        ($backup | Restore-PgDatabase -Database other -ConnectionString "$url/copy" -Force).Database | Should -Be 'other'
        Get-Names | Should -Be @('other', 'postgres', 'shop')
    }

    It 'refuses to replace a live database with a set of another database without -AllowOtherDatabase' {
        Invoke-Sql $server postgres 'CREATE DATABASE reporting'
        { $backup | Restore-PgDatabase -ConnectionString "$url/reporting" -Force } | Should -Throw -ErrorId 'DBS130,*'
        Get-Names | Should -Be @('postgres', 'reporting', 'shop')
        ($backup | Restore-PgDatabase -ConnectionString "$url/reporting" -AllowOtherDatabase -Force).Database | Should -Be 'reporting'
        Get-Orders reporting | Should -Be 1000
    }

    It 'refuses a damaged set before it changes anything' {
        $bytes = [IO.File]::ReadAllBytes($backup.Payload)
        [IO.File]::WriteAllBytes($backup.Payload, $bytes[0..($bytes.Length - 20)])
        try { Restore-PgDatabase $backup.Path shop -Force } catch { $failure = $_ }
        $failure.FullyQualifiedErrorId | Should -Be 'DBS204,DbSafety.PowerShell.Commands.RestorePgDatabaseCommand'
        Get-Names | Should -Be @('postgres', 'shop')
        Get-Orders shop | Should -Be 10
    }

    It 'fails with DBS901 in a non-interactive session without -Force' {
        $shell = Invoke-CleanShell "try { Restore-PgDatabase '$($backup.Path)' shop } catch { `$_.FullyQualifiedErrorId; `$_.ErrorDetails.RecommendedAction }"
        $shell.Output | Should -BeLike 'DBS901,*-Force*'
        Get-Orders shop | Should -Be 10
    }

    It 'reports DBS306 without a restore to undo' {
        { Undo-PgRestore shop -Force } | Should -Throw -ErrorId 'DBS306,*'
    }

    It 'pipes retained databases to the cmdlets that read, swap in and drop them' {
        $restore = $backup | Restore-PgDatabase -Force
        $retained = Get-PgRetainedDatabase
        $retained | ForEach-Object { $_.Name, $_.Database, "$($_.By)", $_.CanUndo } | Should -Be $restore.RetainedAs, shop, Restore, $true
        # A property of the object is the name of the live database, which has 1,100 rows.
        ($retained | Measure-PgDatabase).Rows | Should -Be 110
        ($retained | Measure-PgDatabase -ConnectionString "$url/postgres").Rows | Should -Be 110
        (Get-PgDatabase shop | Get-PgRetainedDatabase).Name | Should -Be $retained.Name

        $undo = $retained | Undo-PgRestore -Force
        Get-Orders shop | Should -Be 10
        # An object of another session has its properties only.
        $again = Get-PgRetainedDatabase shop | Select-Object Name, Database | Undo-PgRestore -Force
        Get-Orders shop | Should -Be 1000
        $again.RetainedAs | Should -Not -Be $undo.RetainedAs

        Get-PgRetainedDatabase | Remove-PgRetainedDatabase -WhatIf 6>$null | Should -BeNullOrEmpty
        { $retained | Remove-PgRetainedDatabase -Force -ErrorAction Stop } | Should -Throw -ErrorId 'DBS335,*'
        (Get-PgRetainedDatabase | Remove-PgRetainedDatabase -Force).Database | Should -Be shop
        Get-Names | Should -Be @('postgres', 'shop')
        Get-Orders shop | Should -Be 1000
    }

    It 'swaps in only the retained database that was listed, and drops retained databases of Get-PgDatabase' {
        $restore = $backup | Restore-PgDatabase -Force
        $retained = Get-PgRetainedDatabase
        Invoke-Sql $server postgres "ALTER DATABASE `"$($retained.Name)`" RENAME TO other"
        Invoke-Sql $server postgres "CREATE DATABASE `"$($retained.Name)`""
        { $retained | Undo-PgRestore -Force } | Should -Throw -ErrorId 'DBS339,*'
        { Undo-PgRestore shop -To $retained.Name -Force } | Should -Throw -ErrorId 'DBS340,*'
        Get-Orders shop | Should -Be 1000
        Invoke-Sql $server postgres "DROP DATABASE `"$($retained.Name)`""
        Invoke-Sql $server postgres "ALTER DATABASE other RENAME TO `"$($retained.Name)`""
        (Get-PgDatabase 'shop_before_*' -IncludeRetained | Remove-PgRetainedDatabase -Force).Name | Should -Be $restore.RetainedAs
    }

    It 'leaves retained databases out of a list of databases unless they are specified' {
        $restore = $backup | Restore-PgDatabase -Force
        (Get-PgDatabase).Database | Should -Be @('postgres', 'shop')
        (Get-PgDatabase 'shop*').Database | Should -Be 'shop'
        (Get-PgDatabase 'shop*' -IncludeRetained).Database | Should -Be @('shop', $restore.RetainedAs)
        (Get-PgDatabase $restore.RetainedAs).IsRetained | Should -BeTrue
    }

    It 'gives a restore and its undo a command that undoes them' {
        $restore = $backup | Restore-PgDatabase -Force
        $restore.Undo.Command | Should -BeLike "Undo-PgRestore -To `"$($restore.RetainedAs)`" -ConnectionString *"
        $undo = Invoke-Expression "$($restore.Undo.Command) -Force"
        Get-Orders shop | Should -Be 10
        $null = Invoke-Expression "$($undo.Undo.Command) -Force"
        Get-Orders shop | Should -Be 1000
    }

    It 'asks before it drops a retained database' {
        $restore = $backup | Restore-PgDatabase -Force
        $shell = Invoke-CleanShell "try { Remove-PgRetainedDatabase '$($restore.RetainedAs)' } catch { `$_.FullyQualifiedErrorId }"
        $shell.Output | Should -BeLike 'DBS901,*'
        Get-Names | Should -Contain $restore.RetainedAs
    }

    It 'restores to the source database of a piped backup when no other database is specified' {
        # libpq would fall back to PGDATABASE or the user's name: for a restore that is a guess.
        ($backup | Restore-PgDatabase -Force).Database | Should -Be 'shop'
    }
}
