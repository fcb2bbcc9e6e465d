BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    Import-Module "$PSScriptRoot/ScratchPostgres.psm1"
    Import-Module (Get-ModuleManifestPath)
    $server = Start-ScratchPostgres
    New-Shop $server 'shop'
    New-Shop $server 'Odd [1] "name"' 10
    $url = "postgres://postgres:$($server.Password)@127.0.0.1:$($server.Port)"

    # Runs the block with libpq's environment pointing nowhere.
    function Without-Environment([scriptblock] $Block) {
        $kept = $env:PGHOST, $env:PGPORT, $env:PGUSER, $env:PGPASSWORD, $env:PGDATABASE
        $env:PGHOST = '127.0.0.1'; $env:PGPORT = '1'; $env:PGUSER = 'nobody'; $env:PGPASSWORD = ''; $env:PGDATABASE = ''
        try { & $Block } finally { $env:PGHOST, $env:PGPORT, $env:PGUSER, $env:PGPASSWORD, $env:PGDATABASE = $kept }
    }
}

AfterAll { Stop-ScratchPostgres $server }

Describe 'Get-PgDatabase' {
    It 'lists the databases of a server, without template databases' {
        (Get-PgDatabase).Database | Should -Be @('Odd [1] "name"', 'postgres', 'shop')
    }

    It 'finds databases by name and by pattern, and matches brackets in a name literally' {
        (Get-PgDatabase 'sh*').Database | Should -Be 'shop'
        (Get-PgDatabase 'Odd [1] "name"').Database | Should -Be 'Odd [1] "name"'
        Get-PgDatabase 'none*' | Should -BeNullOrEmpty
    }

    It 'lists the existing databases when the specified database does not exist' {
        { Get-PgDatabase 'nope' } | Should -Throw -ErrorId 'DBS103,DbSafety.PowerShell.Commands.GetPgDatabaseCommand'
        try { Get-PgDatabase 'nope' } catch { $failure = $_ }
        $failure.CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $failure.ErrorDetails.RecommendedAction | Should -BeLike '*shop*'
    }

    It 'emits sizes as numbers and shows them in readable units' {
        $database = Get-PgDatabase shop
        $database.Bytes | Should -BeOfType [long]
        $database.Bytes | Should -BeGreaterThan 1MB
        $database | Out-String | Should -Match '\d+(\.\d)? MB'
        $database | Format-List | Out-String | Should -Match 'Size +: \d+(\.\d)? MB'
    }

    It 'shows no password in any output format' {
        $database = Get-PgDatabase shop
        $everything = @(
            $database | Format-List * -Force | Out-String
            $database | ConvertTo-Json -Depth 5 -WarningAction Ignore
            $database | Export-Clixml "$TestDrive/database.xml"; Get-Content "$TestDrive/database.xml" -Raw
            $database | ConvertTo-Csv
            "$database $($database.ToTarget())"
            $database.ToTarget() | Format-List * -Force | Out-String
            $database.ToTarget() | ConvertTo-Json -Depth 5 -WarningAction Ignore
        ) -join "`n"
        $everything | Should -Not -BeNullOrEmpty
        $everything | Should -Not -Match $server.Password
    }
}

Describe 'The database to connect to' {
    It 'is specified by a server and a credential' {
        $credential = [pscredential]::new('postgres', (ConvertTo-SecureString $server.Password -AsPlainText -Force))
        Without-Environment { (Measure-PgDatabase shop -Server 127.0.0.1 -Port $server.Port -Credential $credential).Rows } | Should -Be 1100
        Without-Environment { (Measure-PgDatabase shop -Server "127.0.0.1:$($server.Port)" -Credential $credential).Rows } | Should -Be 1100
    }

    It 'is specified by a URL, by the -DatabaseUrl alias, or by an Npgsql connection string' {
        Without-Environment { (Measure-PgDatabase -ConnectionString "$url/shop").Rows } | Should -Be 1100
        Without-Environment { (Measure-PgDatabase shop -DatabaseUrl "$url/postgres").Rows } | Should -Be 1100
        Without-Environment { (Measure-PgDatabase -ConnectionString "Host=127.0.0.1;Port=$($server.Port);Username=postgres;Password=$($server.Password);Database=shop").Rows } | Should -Be 1100
    }

    It 'is specified by an env file, whose path is resolved against the PowerShell location' {
        Set-Content -LiteralPath "$TestDrive/[app].env" "export DATABASE_URL=`"$url/shop?schema=public`""
        Push-Location $TestDrive
        try { Without-Environment { (Measure-PgDatabase -EnvFile './[app].env').Rows } | Should -Be 1100 } finally { Pop-Location }
        Without-Environment { (Measure-PgDatabase -EnvFile 'TestDrive:/[app].env').Rows } | Should -Be 1100
    }

    It 'comes from the pipeline, with its connection settings' {
        $databases = 'shop', 'Odd*' | Get-PgDatabase
        Without-Environment { ($databases | Measure-PgDatabase).Rows } | Should -Be @(1100, 110)
    }

    It 'is accepted as a name, as an object with properties, or as the result of a DbSafety cmdlet' {
        ('shop' | Measure-PgDatabase).Rows | Should -Be 1100
        ([pscustomobject]@{ Server = '127.0.0.1'; Port = $server.Port; Database = 'shop' } | Measure-PgDatabase).Rows | Should -Be 1100
        ([pscustomobject]@{ Database = 'shop'; ConnectionString = "$url/postgres" } | Measure-PgDatabase).Rows | Should -Be 1100
        (Measure-PgDatabase shop | Measure-PgDatabase).Rows | Should -Be 1100
    }

    It 'is never the string form of an object without a database property' {
        { [pscustomobject]@{ Colour = 'red' } | Measure-PgDatabase -ErrorAction Stop } | Should -Throw -ErrorId 'InputObjectNotBound,*'
    }

    It 'is taken from the command line when the pipeline specifies a different server' {
        $database = Get-PgDatabase shop
        { $database | Measure-PgDatabase -Server 127.0.0.1:1 -ErrorAction Stop } | Should -Throw -ErrorId 'DBS101,*'
    }

    It 'is reached with the connection settings of a piped database, also with another credential' {
        $database = Get-PgDatabase -ConnectionString "host=elsewhere.invalid hostaddr=127.0.0.1 port=$($server.Port) user=postgres password=$($server.Password) dbname=shop connect_timeout=9 options='-c search_path=pg_temp'" shop
        $login = [pscredential]::new('postgres', (ConvertTo-SecureString $server.Password -AsPlainText -Force))
        ($database | Measure-PgDatabase -Credential $login).Server | Should -BeLike 'elsewhere.invalid (127.0.0.1)*'
    }

    It 'is rejected when -Server and -Port specify different ports' {
        { Measure-PgDatabase -Server '127.0.0.1:1' -Port 2 } | Should -Throw -ErrorId 'DBS105,*'
    }

    It 'is rejected when both -Server and -ConnectionString are specified' {
        { Measure-PgDatabase -Server a -ConnectionString "$url/shop" } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
    }
}

Describe 'Errors' {
    It 'reports <Id> with category <Category> when <Case>' -ForEach @(
        @{ Case = 'nobody answers'; Id = 'DBS101'; Category = 'ConnectionError'; Text = { Measure-PgDatabase x -Server 127.0.0.1:1 } }
        @{ Case = 'the password is wrong'; Id = 'DBS102'; Category = 'AuthenticationError'; Text = { Measure-PgDatabase -ConnectionString "postgres://postgres:wrong@127.0.0.1:$($server.Port)/shop" } }
        @{ Case = 'the database is not there'; Id = 'DBS103'; Category = 'ObjectNotFound'; Text = { Measure-PgDatabase nope } }
        @{ Case = 'the URL is none'; Id = 'DBS105'; Category = 'InvalidArgument'; Text = { Measure-PgDatabase -ConnectionString 'what?' } }
        @{ Case = 'the URL is a transaction pooler''s'; Id = 'DBS120'; Category = 'InvalidOperation'; Text = { Measure-PgDatabase -ConnectionString 'postgres://me:geheim@127.0.0.1:1/shop?pgbouncer=true' } }
        @{ Case = 'the drive is no file system'; Id = 'DBS211'; Category = 'ObjectNotFound'; Text = { Measure-PgDatabase -EnvFile 'Env:\PATH' } }
    ) {
        try { & $Text; throw 'no error' } catch { $failure = $_ }
        $failure.FullyQualifiedErrorId | Should -Be "$Id,DbSafety.PowerShell.Commands.MeasurePgDatabaseCommand"
        $failure.CategoryInfo.Category | Should -Be $Category
        $failure.TargetObject | Should -Not -BeNullOrEmpty
        $failure.ErrorDetails.Message | Should -Be $failure.Exception.Message
        $failure.ErrorDetails.RecommendedAction | Should -Be $failure.Exception.Hint
    }

    It 'never shows a password' {
        $failure = $null
        try { Measure-PgDatabase -ConnectionString 'postgres://me:geheim@127.0.0.1:1/shop' -Verbose -Debug *>&1 } catch { $failure = $_ }
        $failure | Should -Not -BeNullOrEmpty
        ($failure | Format-List * -Force | Out-String) + $failure.Exception | Should -Not -Match 'geheim'
    }

    It 'never shows the password of a connection string that is passed instead of a name: <Case>' -ForEach @(
        @{ Case = 'server'; Text = { Measure-PgDatabase shop -Server 'postgres://me:geheim@h/d' -Verbose -Debug } }
        @{ Case = 'database'; Text = { Measure-PgDatabase 'postgres://me:geheim@h/d' -Verbose -Debug } }
        @{ Case = 'database, from the pipeline'; Text = { 'host=h password=geheim dbname=d' | Measure-PgDatabase -Verbose -Debug -ErrorAction Stop } }
        @{ Case = 'database to list'; Text = { Get-PgDatabase 'me:geheim@h/d' -Verbose -Debug } }
        @{ Case = 'env file'; Text = { Measure-PgDatabase -EnvFile 'postgres://me:geheim@h/d' -Verbose -Debug } }
        @{ Case = 'container'; Text = { Measure-PgDatabase -Container 'postgres://me:geheim@h/d' -Verbose -Debug } }
        @{ Case = 'backup'; Text = { Test-PgBackup 'postgres://me:geheim@h/d' -Verbose -Debug -ErrorAction Stop } }
        @{ Case = 'URL with a slash in its password'; Text = { Measure-PgDatabase -ConnectionString 'postgres://me:ge/geheim@h/d' -Verbose -Debug } }
        @{ Case = 'set to restore'; Text = { Restore-PgDatabase 'postgres://me:geheim@h/d' shop -Force -Verbose -Debug } }
    ) {
        $failure = $shown = $null
        $Error.Clear()
        $transcript = "$TestDrive/transcript.txt"
        $null = Start-Transcript $transcript
        try { $shown = & $Text *>&1 | Out-String } catch { $failure = $_ } finally { $null = Stop-Transcript }
        $failure | Should -Not -BeNullOrEmpty
        $told = @(
            $shown, ($failure.Exception | Format-List * -Force | Out-String), "$($failure.Exception)", "$failure", "$($failure.TargetObject)", "$($failure.ErrorDetails.Message) $($failure.ErrorDetails.RecommendedAction)", "$($failure.CategoryInfo)"
            $Error | ForEach-Object { "$_ $($_.TargetObject) $($_.Exception)" }
            (Get-Content $transcript -Raw)
        ) -join "`n"
        $told | Should -Not -Match 'geheim'
    }

    It 'continues with the next database from the pipeline after an error' {
        $rows = ('nope', 'shop' | Measure-PgDatabase -ErrorAction SilentlyContinue -ErrorVariable failures).Rows
        $rows | Should -Be 1100
        $failures.FullyQualifiedErrorId | Should -Be 'DBS103,DbSafety.PowerShell.Commands.MeasurePgDatabaseCommand'
    }
}
