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

    It 'lists what is pending, in order' {
        $found = Get-PgMigration $folder shop
        $found.Name | Should -BeLike '00*'
        $found.Count | Should -Be 2
        "$($found[0].State)" | Should -Be 'Pending'
    }

    It 'takes folders and databases from the pipeline' {
        ($folder | Get-PgMigration -Database shop).Count | Should -Be 2
        (Get-Item $folder | Get-PgMigration -Database shop).Count | Should -Be 2
        (Get-PgDatabase shop | Get-PgMigration $folder).Count | Should -Be 2
        Push-Location $folder
        try { (Get-PgDatabase shop | Get-PgMigration).Count | Should -Be 2 } finally { Pop-Location }
    }

    It 'says DBS401 where there are none' {
        { Get-PgMigration "$TestDrive/nowhere" shop } | Should -Throw -ErrorId 'DBS401,DbSafety.PowerShell.Commands.GetPgMigrationCommand'
    }
}

Describe 'Test-PgMigration' {
    BeforeAll { $folder = New-Migrations @{ '001_drop.sql' = 'ALTER TABLE orders DROP COLUMN note;' } }

    It 'says without a database what would be lost' {
        $finding = Test-PgMigration $folder
        $finding.Rule | Should -Be 'drop-column'
        "$($finding.Severity)" | Should -Be 'Destructive'
        $finding.Object | Should -Be 'orders.note'
    }

    It 'says with a database how much' {
        (Test-PgMigration $folder shop).LiveFacts.Values | Should -Contain 1000
        (Get-PgDatabase shop | Test-PgMigration $folder).Message | Should -Match '1,000'
    }

    It 'lists the harmless with -All' {
        $harmless = New-Migrations @{ '001_new.sql' = 'CREATE TABLE visits (id int PRIMARY KEY); DROP TABLE visits;' }
        Test-PgMigration $harmless | Should -BeNullOrEmpty
        (Test-PgMigration $harmless -All).Rule | Should -Contain 'drop-table'
    }

    It 'shows each finding within 100 columns, with its message whole' {
        $text = Test-PgMigration $folder shop | Out-String -Width 100
        ($text -split "`n" | ForEach-Object { $_.TrimEnd().Length } | Measure-Object -Maximum).Maximum | Should -BeLessOrEqual 100
        $text | Should -Not -Match '…'
    }
}
