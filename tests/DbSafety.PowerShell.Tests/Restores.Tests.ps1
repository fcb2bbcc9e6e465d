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

    It 'goes to no server because of what a piped backup says of where it was made' {
        $places = (Get-Command Restore-PgDatabase).Parameters.Values.Where({ $_.Name -in 'Server', 'Port', 'ConnectionString', 'EnvFile', 'Container' }).ForEach({ $_.Name; $_.Aliases })
        $backup.PSObject.Properties.Name | Where-Object { $_ -in $places } | Should -BeNullOrEmpty
    }

    It 'puts the backup in the database''s place, keeps what was there, and takes it back' {
        $restore = $backup | Restore-PgDatabase -Force
        $restore.Verified | Should -BeTrue
        $restore.Rows | Should -Be 1100
        $restore.KeptAs | Should -Match '^shop_before_\d{8}T\d{6}Z$'
        Get-Orders shop | Should -Be 1000
        Get-Orders $restore.KeptAs | Should -Be 10

        $undo = $restore | Undo-PgRestore -Force
        $undo.Database | Should -Be 'shop'
        Get-Orders shop | Should -Be 10
    }

    It 'shows the plan with -WhatIf and touches nothing, also with -Force' {
        $plan = Restore-PgDatabase $backup.Path shop -WhatIf -Force
        $plan.WhatIf | Should -BeTrue
        $plan.Verified | Should -BeFalse
        $plan.KeptAs | Should -BeLike 'shop_before_*'
        Get-Names | Should -Be @('postgres', 'shop')
        Get-Orders shop | Should -Be 10
    }

    It 'refuses a second backup for the same database in one pipeline, of which the oldest would remain' {
        $folder = Split-Path $backup.Path
        $null = Backup-PgDatabase shop $folder
        { Get-PgBackup $folder | Restore-PgDatabase -WhatIf -Force -ErrorAction Stop } | Should -Throw -ErrorId 'DBS328,*'
    }

    It 'says in the plan what happens to the live database' {
        $shell = Invoke-CleanShell "`$null = Restore-PgDatabase '$($backup.Path)' shop -WhatIf"
        $shell.Output -replace '\s+', ' ' | Should -BeLike "What if: Restore $(Split-Path -Leaf $backup.Path) beside 'shop' on 127.0.0.1:$($server.Port), verify it, then swap; the current database 'shop' is retained as 'shop_before_*"
    }

    It 'heeds $WhatIfPreference' {
        $WhatIfPreference = $true
        (Restore-PgDatabase $backup.Path shop -Force).WhatIf | Should -BeTrue
        Get-Orders shop | Should -Be 10
    }

    It 'takes the database of a URL before the one a piped backup was made of' {
        $restore = $backup | Restore-PgDatabase -ConnectionString "$url/copy" -Confirm:$false
        $restore.Database | Should -Be 'copy'
        $restore.KeptAs | Should -BeNullOrEmpty
        Get-Orders copy | Should -Be 1000
        Get-Orders shop | Should -Be 10
    }

    It 'takes the database on the command line before all others' {
        ($backup | Restore-PgDatabase -Database other -ConnectionString "$url/copy" -Force).Database | Should -Be 'other'
        Get-Names | Should -Be @('other', 'postgres', 'shop')
    }

    It 'refuses to put a set of another database in the place of a live one, unless that is allowed' {
        Invoke-Sql $server postgres 'CREATE DATABASE reporting'
        { $backup | Restore-PgDatabase -ConnectionString "$url/reporting" -Force } | Should -Throw -ErrorId 'DBS130,*'
        Get-Names | Should -Be @('postgres', 'reporting', 'shop')
        ($backup | Restore-PgDatabase -ConnectionString "$url/reporting" -AllowOtherDatabase -Force).Database | Should -Be 'reporting'
        Get-Orders reporting | Should -Be 1000
    }

    It 'refuses a damaged set before it touches anything' {
        $bytes = [IO.File]::ReadAllBytes($backup.Payload)
        [IO.File]::WriteAllBytes($backup.Payload, $bytes[0..($bytes.Length - 20)])
        try { Restore-PgDatabase $backup.Path shop -Force } catch { $failure = $_ }
        $failure.FullyQualifiedErrorId | Should -Be 'DBS204,DbSafety.PowerShell.Commands.RestorePgDatabaseCommand'
        Get-Names | Should -Be @('postgres', 'shop')
        Get-Orders shop | Should -Be 10
    }

    It 'is refused where there is nobody to ask' {
        $shell = Invoke-CleanShell "try { Restore-PgDatabase '$($backup.Path)' shop } catch { `$_.FullyQualifiedErrorId; `$_.ErrorDetails.RecommendedAction }"
        $shell.Output | Should -BeLike 'DBS901,*-Force*'
        Get-Orders shop | Should -Be 10
    }

    It 'says DBS306 when there is nothing to undo' {
        { Undo-PgRestore shop -Force } | Should -Throw -ErrorId 'DBS306,*'
    }

    It 'goes to the database that a piped backup was made of, where nothing else is named' {
        # libpq would fall back to PGDATABASE or the user's name: for a restore that is a guess.
        ($backup | Restore-PgDatabase -Force).Database | Should -Be 'shop'
    }
}
