BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    Import-Module "$PSScriptRoot/ScratchPostgres.psm1"
    Import-Module (Get-ModuleManifestPath)
    $server = Start-ScratchPostgres
    New-Shop $server 'shop'
    New-Shop $server 'fewer' 900
    $url = "postgres://postgres:$($server.Password)@127.0.0.1:$($server.Port)"
}

AfterAll { Stop-ScratchPostgres $server }

Describe 'Compare-PgDatabase' {
    BeforeAll { $backup = Backup-PgDatabase shop "$TestDrive/sets" -Checksum }

    It 'accepts objects, URLs, environment variables and paths on either side' {
        $shop = Get-PgDatabase shop
        $env:SHOP_URL = "$url/shop"
        Measure-PgDatabase shop | ConvertTo-Json -Depth 5 | Set-Content "$TestDrive/fingerprint.json"
        foreach ($side in $backup, $backup.Path, $backup.Payload, (Get-Item $backup.Path), $shop, (Measure-PgDatabase shop), "$url/shop", 'env:SHOP_URL', "$TestDrive/fingerprint.json") {
            (Compare-PgDatabase $side $shop).Same | Should -BeTrue -Because "$side"
            (Compare-PgDatabase $shop $side).Same | Should -BeTrue -Because "$side"
        }
    }

    It 'reports differences as text and as numbers' {
        $difference = Compare-PgDatabase $backup (Get-PgDatabase fewer)
        $difference.Same | Should -BeFalse
        $difference.Changes | Should -Contain 'public.orders: 100 rows fewer (1,000 before, 900 now)'
        $difference.RowsLost | Should -Be 100
        $difference.Tables.Kind | Should -Be 'Fewer'
        $difference.ContentCompared | Should -BeTrue
        $difference | Out-String -Width 100 | Should -Match '100 rows fewer'
    }

    It 'compares pipeline input with the specified database, or with the current state of its source database' {
        ($backup | Compare-PgDatabase -ConnectionString "$url/fewer").RowsLost | Should -Be 100
        ($backup | Compare-PgDatabase -Database fewer).RowsLost | Should -Be 100
        ($backup | Compare-PgDatabase).Same | Should -BeTrue
        (Measure-PgDatabase fewer | Compare-PgDatabase).Same | Should -BeTrue
        (Measure-PgDatabase fewer | Compare-PgDatabase -Database shop).RowsGained | Should -Be 100
        ('shop', 'fewer' | Get-PgDatabase | Compare-PgDatabase -Difference $backup).RowsGained | Should -Be @(0, 100)
    }

    It 'refuses to compare a database with itself, and rejects input without row data' {
        { Get-PgDatabase shop | Compare-PgDatabase -ErrorAction Stop } | Should -Throw -ErrorId 'DBS105,*'
        { Compare-PgDatabase 5 $backup } | Should -Throw -ErrorId 'DBS224,*'
    }

    It 'finds a changed value when the row counts are equal' {
        New-Shop $server 'edited'
        Invoke-Sql $server edited "UPDATE orders SET note = 'other' WHERE id = 7"
        (Compare-PgDatabase $backup "$url/edited").Changes | Should -Be 'public.orders: the same row count (1,000), but different rows'
        (Compare-PgDatabase (Measure-PgDatabase shop) "$url/edited").Same | Should -BeTrue
        (Compare-PgDatabase "$url/shop" "$url/edited" -Checksum).Same | Should -BeFalse
    }
}

Describe 'Backup-PgDatabase with -Table or -Schema' {
    It 'creates an excerpt, which replaces an existing database only with -AllowExcerpt' {
        $part = Backup-PgDatabase shop "$TestDrive/part" -Table 'cust*' -CompressionLevel 0 -Jobs 1
        $part.State | Should -Be 'Excerpt'
        (Get-PgBackup "$TestDrive/part").State | Should -Be 'Excerpt'
        $part.Rows | Should -Be 100
        $part | Format-List | Out-String | Should -Match 'Scope +: tables cust\*'
        { Restore-PgDatabase $part.Path shop -Force } | Should -Throw -ErrorId 'DBS320,*'
        (Restore-PgDatabase $part.Path part -Force).Verified | Should -BeTrue
        Restore-PgDatabase $part.Path part -Force -AllowExcerpt -AllowOtherDatabase | ForEach-Object RetainedAs | Should -BeLike 'part_before_*'
    }

    It 'reports DBS220 for a pattern without matches, and DBS221 for -Table with -Schema' {
        { Backup-PgDatabase shop "$TestDrive/none" -Table nope } | Should -Throw -ErrorId 'DBS220,*'
        { Backup-PgDatabase shop "$TestDrive/none" -Table orders -Schema public } | Should -Throw -ErrorId 'DBS221,*'
    }
}

Describe 'Remove-PgBackup' {
    BeforeEach {
        $folder = "$TestDrive/$([guid]::NewGuid().ToString('N'))"
        $sets = 1..3 | ForEach-Object { Backup-PgDatabase shop $folder }
    }

    It 'removes and emits the backups that no rule retains' {
        $removed = Remove-PgBackup $folder -KeepLast 1 -Force
        $removed.Path | Should -Be $sets[0, 1].Path
        (Get-PgBackup $folder).Path | Should -Be $sets[2].Path
        (Get-ChildItem $folder).Count | Should -Be 3
    }

    It 'accepts an age as a number of days or a time span' -ForEach @(
        @{ Age = 30 }, @{ Age = '30' }, @{ Age = 1.5 }, @{ Age = [timespan]::FromDays(2) }, @{ Age = '12:00:00' }, @{ Age = '1.02:00:00' }, @{ Age = '26h' }
    ) {
        Remove-PgBackup $folder -OlderThan $Age -Force | Should -BeNullOrEmpty
        (Get-PgBackup $folder).Count | Should -Be 3
    }

    It 'rejects the age <Age>' -ForEach @(@{ Age = 0 }, @{ Age = 0.01 }, @{ Age = -1 }, @{ Age = '00:59:00' }, @{ Age = [timespan]::FromTicks(30) }, @{ Age = 'soon' }, @{ Age = $true }, @{ Age = '26:00:00' }, @{ Age = $null }) {
        { Remove-PgBackup $folder -OlderThan $Age -Force } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*'
        { Restore-PgDatabase ./x.json shop -KeepFor $Age -Force } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*'
        (Get-PgBackup $folder).Count | Should -Be 3
    }

    It 'removes nothing with -WhatIf or without a rule' {
        Remove-PgBackup $folder -KeepLast 1 -WhatIf | Should -BeNullOrEmpty
        { Remove-PgBackup $folder -Force } | Should -Throw -ErrorId 'DBS222,*'
        (Get-PgBackup $folder).Count | Should -Be 3
    }

    It 'emits every backup with its decision and reason with -All' {
        $plan = Remove-PgBackup $folder -KeepLast 1 -All -WhatIf
        $plan.Decision | Should -Be Remove, Remove, Keep
        $plan[2].Reason | Should -Be 'newest intact backup; 1 of the last 1'
        ($plan | Format-Table | Out-String) | Should -Match 'Decision .* Reason'
        ($plan | Format-List | Out-String) | Should -Match 'Decision +: Keep \(newest intact backup; '
        (Get-PgBackup $folder).Count | Should -Be 3
        $done = Remove-PgBackup $folder -KeepLast 2 -All -Force
        $done.Path | Should -Be $sets.Path
        $done.Decision | Should -Be Remove, Keep, Keep
        $done[0].Reason | Should -Be 'no rule keeps it'
        (Get-PgBackup $folder).Count | Should -Be 2
    }

    It 'keeps backups with a label, and removes nothing below a size limit' {
        $release = Backup-PgDatabase shop $folder -Label release
        $null = Backup-PgDatabase shop $folder
        Remove-PgBackup $folder -MaxSize 1GB -Force | Should -BeNullOrEmpty
        (Remove-PgBackup $folder -KeepHourly 1 -KeepLabel release -Force).Path | Should -Be $sets.Path
        $release.Path | Should -Exist
        { Remove-PgBackup $folder -MaxSize 50 -Force } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
        { Remove-PgBackup $folder -KeepLabel release -Force } | Should -Throw -ErrorId 'DBS222,*'
    }

    It 'creates no backup with -MaxAge if a recent one exists' {
        $again = Backup-PgDatabase shop $folder -MaxAge '00:10:00' -Format Plain
        $again.Path | Should -Be $sets[2].Path
        $again.IsReused | Should -BeTrue
        (Backup-PgDatabase shop $folder -MaxAge 1 -Environment other).IsReused | Should -BeFalse
        { Backup-PgDatabase shop $folder -MaxAge 0 } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*'
        { Backup-PgDatabase shop $folder -MaxAge 1 -SchemaOnly } | Should -Throw -ErrorId 'DBS221,*'
    }

    It 'accepts folders from the pipeline, an age, and a single database' {
        Get-Item $folder | Remove-PgBackup -KeepLast 1 -Database other -Force | Should -BeNullOrEmpty
        $folder | Remove-PgBackup -OlderThan 1.00:00:00 -Force | Should -BeNullOrEmpty
        ($folder | Remove-PgBackup -KeepLast 1 -Force).Count | Should -Be 2
    }

    It 'requires confirmation, and removes nothing in a non-interactive session' {
        $shell = Invoke-CleanShell "try { Remove-PgBackup '$folder' -KeepLast 1 } catch { `$_.Exception.Code }"
        $shell.Output | Should -Be 'DBS901'
        (Get-PgBackup $folder).Count | Should -Be 3
    }
}
