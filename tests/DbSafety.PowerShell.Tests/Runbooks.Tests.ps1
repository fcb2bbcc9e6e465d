BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    Import-Module "$PSScriptRoot/ScratchPostgres.psm1"
    $server = Start-ScratchPostgres
    New-Shop $server 'shop'
    New-Shop $server 'my-other'
    $variables = 'PGHOST', 'PGPORT', 'PGUSER', 'PGPASSWORD', 'PGDATABASE'
    Remove-Item ($variables | ForEach-Object { "Env:$_" })
    $runbooks = Resolve-Path "$PSScriptRoot/../../docs/runbooks"
    $modules = New-Item -ItemType Directory (Join-Path $TestDrive 'modules')
    $null = New-Item -ItemType SymbolicLink -Path "$modules/DbSafety" -Target (Split-Path (Get-ModuleManifestPath))

    # A schedule of its own: a folder with an env file.
    function New-Schedule([string] $Names = 'shop', [int] $Port = $server.Port, [string[]] $More) {
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))
        $null = New-Item -ItemType Directory "$folder/metrics"
        Set-Schedule $folder $Names $Port $More
        $folder.FullName
    }
    function Set-Schedule([string] $Folder, [string] $Names, [int] $Port = $server.Port, [string[]] $More) {
        $urls = $Names.Split(' ') | ForEach-Object { "URL_$($_.Replace('-', '_'))='postgres://postgres:$($server.Password)@127.0.0.1:$Port/$_'" }
        Set-Content "$Folder/dbsafety.env" (@("DATABASES='$Names'", "ENVIRONMENT='test'", "STATE='$Folder/state'", "BACKUPS='$Folder/backups'", "METRICS='$Folder/metrics'", "KEEP_LAST='1'",
            "KEEP_DAILY='0'", "KEEP_WEEKLY='0'", "KEEP_MONTHLY='0'", "ON_FAILURE='cat > $Folder/failure.json'") + $urls + $More)
    }
    function New-Runbook([string] $Folder, [string] $Script, [string[]] $Arguments) {
        $program, $first = @(Get-ShellCommand) + @('-NoProfile', '-NonInteractive', '-File', "$runbooks/$Script") + $Arguments
        $info = [System.Diagnostics.ProcessStartInfo]::new($program, [string[]] $first)
        $info.RedirectStandardOutput = $info.RedirectStandardError = $info.RedirectStandardInput = $true
        $info.Environment['PSModulePath'] = "$modules"
        $info.Environment['DBSAFETY_ENV'] = "$Folder/dbsafety.env"
        $info.Environment['PGPASSFILE'] = "$Folder/pgpass"
        $info
    }
    function Invoke-Runbook([string] $Folder, [string] $Script, [string[]] $Arguments) {
        $process = [System.Diagnostics.Process]::Start((New-Runbook $Folder $Script $Arguments))
        $process.StandardInput.Close()
        $errorText = $process.StandardError.ReadToEndAsync()
        $output = $process.StandardOutput.ReadToEnd()
        $process.WaitForExit()
        [pscustomobject]@{ ExitCode = $process.ExitCode; Output = $output; Text = $output + $errorText.Result; Sets = @(Get-ChildItem "$Folder/backups" -Recurse -Filter '*.json' -ErrorAction Ignore) }
    }
}

AfterAll {
    foreach ($name in $variables) { Set-Item "Env:$name" 'unused' }
    Stop-ScratchPostgres $server
}

Describe 'nightly.ps1' {
    It 'backs up each database, prunes, and reports' {
        $folder = New-Schedule 'shop my-other' -More "SERVER_SETTINGS='yes'"
        $run = Invoke-Runbook $folder nightly.ps1
        $run.ExitCode | Should -Be 0 -Because $run.Text
        $run = Invoke-Runbook $folder nightly.ps1
        $run.ExitCode | Should -Be 0 -Because $run.Text
        $run.Sets.Count | Should -Be 2
        @(Get-ChildItem "$folder/backups" -Filter '*.server.conf').Count | Should -Be 2
        $lines = @(Get-Content "$folder/state/runs.jsonl" | ConvertFrom-Json)
        $lines.Count | Should -Be 2
        $lines[1].databases.database | Should -Be 'shop', 'my-other'
        $lines[1].databases[0].rows | Should -Be 1100
        $metrics = Get-Content "$folder/metrics/dbsafety_nightly_test.prom"
        $metrics | Should -Contain 'dbsafety_backup_success{database="my-other",environment="test"} 1'
        $metrics | Should -Contain 'dbsafety_backup_rows{database="shop",environment="test"} 1100'
        "$folder/failure.json" | Should -Not -Exist
    }

    It 'keeps the exit code of a failure, the last success and the old backups' {
        $folder = New-Schedule
        (Invoke-Runbook $folder nightly.ps1).ExitCode | Should -Be 0
        $time = @(Get-Content "$folder/metrics/dbsafety_nightly_test.prom") -match '^dbsafety_backup_timestamp_seconds\{'
        Set-Schedule $folder shop -Port 1
        $run = Invoke-Runbook $folder nightly.ps1
        $run.ExitCode | Should -Be 5 -Because $run.Text
        $run.Text | Should -Not -Match $server.Password
        $run.Sets.Count | Should -Be 1
        $metrics = Get-Content "$folder/metrics/dbsafety_nightly_test.prom"
        $metrics | Should -Contain 'dbsafety_backup_success{database="shop",environment="test"} 0'
        $metrics | Should -Contain "$time"
        $report = Get-Content -Raw "$folder/failure.json" | ConvertFrom-Json
        $report.exitCode | Should -Be 5
        $report.databases[0].error | Should -BeLike 'error DBS*'
    }

    It 'fails without databases, as the drill and the fleet do' {
        $folder = New-Schedule -More "DATABASES=''"
        Set-Content "$folder/inventory.csv" 'Name,Server,Port,Database,User'
        foreach ($script in 'nightly', 'weekly-drill', 'fleet') {
            Remove-Item "$folder/failure.json" -ErrorAction Ignore
            $run = Invoke-Runbook $folder "$script.ps1" @(if ($script -eq 'fleet') { "$folder/inventory.csv" })
            $run.ExitCode | Should -Be 2 -Because $run.Text
            (Get-Content -Raw "$folder/failure.json" | ConvertFrom-Json).error | Should -BeLike '* is empty'
        }
        Get-ChildItem "$folder/metrics" | Should -BeNullOrEmpty
    }

    It 'reports a failure if the run cannot be appended, and shows no secret of the command for failures' {
        $folder = New-Schedule
        Set-Schedule $folder shop -Port 1 -More "ON_FAILURE='tr ""\0"" "" "" < /proc/`$`$/cmdline > $folder/arguments; flock -n $folder/state/nightly.lock cat > $folder/failure.json; exit 7 # T0KEN'"
        $null = New-Item -ItemType Directory "$folder/state/runs.jsonl"
        $run = Invoke-Runbook $folder nightly.ps1
        $run.ExitCode | Should -Be 5 -Because $run.Text
        Get-Content "$folder/metrics/dbsafety_nightly_test.prom" | Should -Contain 'dbsafety_backup_success{database="shop",environment="test"} 0'
        (Get-Content -Raw "$folder/failure.json" | ConvertFrom-Json).exitCode | Should -Be 5
        $run.Text | Should -BeLike '*the command for failures failed: exit code 7*'
        $run.Text + (Get-Content -Raw "$folder/arguments") | Should -Not -Match 'T0KEN'
    }

    It 'keeps the exit code without a folder for metrics, keeps all backups without a rule, and reports why retention failed' {
        $folder = New-Schedule -More "METRICS='/nodir'", "KEEP_LAST='0'"
        $run = Invoke-Runbook $folder nightly.ps1
        $run.ExitCode | Should -Be 0 -Because $run.Text
        $run.Text | Should -BeLike '*the metrics cannot be written to /nodir: *'
        Set-Schedule $folder shop -More "METRICS='/nodir'", "KEEP_LAST='many'"
        $run = Invoke-Runbook $folder nightly.ps1
        $run.ExitCode | Should -Be 1 -Because $run.Text
        (Get-Content -Raw "$folder/failure.json" | ConvertFrom-Json).error | Should -BeLike 'old backups were not removed: error: *'
    }

    It 'names the other run, and a killed run leaves no lock' {
        $folder = New-Schedule
        # The first run waits for a lock of the table.
        $blocker = [System.Diagnostics.ProcessStartInfo]::new("$($server.Bin)/psql", [string[]] ('-X', '-q', '-d', "postgres://postgres:$($server.Password)@127.0.0.1:$($server.Port)/shop"))
        $blocker.RedirectStandardInput = $blocker.RedirectStandardOutput = $true
        $psql = [System.Diagnostics.Process]::Start($blocker)
        $psql.StandardInput.WriteLine('BEGIN; LOCK TABLE orders; SELECT 1;')
        $null = $psql.StandardOutput.ReadLine()
        $first = [System.Diagnostics.Process]::Start((New-Runbook $folder nightly.ps1))
        try {
            Wait-Until { Test-Path "$folder/state/nightly.holder" } 'the first run has the lock' 120
            $second = Invoke-Runbook $folder nightly.ps1
            $second.ExitCode | Should -Be 75
            $second.Text | Should -BeLike "*nightly: another run works: process $($first.Id) of *"
        }
        finally {
            $first.Kill($true)
            $psql.StandardInput.Close()
            $psql.WaitForExit()
            $first.WaitForExit()
        }
        $next = Invoke-Runbook $folder nightly.ps1
        $next.ExitCode | Should -Be 0 -Because $next.Text
        $next.Sets.Count | Should -Be 1
    }
}

Describe 'weekly-drill.ps1' {
    It 'fails without a backup, and restores the newest backup' {
        $folder = New-Schedule
        (Invoke-Runbook $folder weekly-drill.ps1).ExitCode | Should -Be 5
        (Invoke-Runbook $folder nightly.ps1).ExitCode | Should -Be 0
        $run = Invoke-Runbook $folder weekly-drill.ps1
        $run.ExitCode | Should -Be 0 -Because $run.Text
        Get-Content "$folder/metrics/dbsafety_drill_test.prom" | Should -Contain 'dbsafety_drill_success{database="shop",environment="test"} 1'
        # A name is not a pattern.
        Set-Schedule $folder 's*p'
        (Invoke-Runbook $folder weekly-drill.ps1).ExitCode | Should -Be 5
    }
}

Describe 'release.ps1' {
    It 'stops at a loss, runs what is allowed, and prints the way back of this run only' {
        $folder = New-Schedule 'my-other'
        $null = New-Item -ItemType Directory "$folder/sql"
        Set-Content "$folder/sql/001_drop.sql" "SET lock_timeout = '1s';", 'ALTER TABLE orders DROP COLUMN note;'
        $run = Invoke-Runbook $folder release.ps1 'my-other', "$folder/sql"
        $run.ExitCode | Should -Be 3 -Because $run.Text
        $run.Text | Should -BeLike '*drop-column:orders.note*'
        $run.Sets.Count | Should -Be 0
        $run = Invoke-Runbook $folder release.ps1 'my-other', "$folder/sql", '-Allow', 'drop-column:orders.note'
        $run.ExitCode | Should -Be 0 -Because $run.Text
        $back = ($run.Text -split 'release: the way back to the state before: ')[1]
        $back | Should -BeLike "*$($run.Sets[0].FullName)*"
        # As printed, in a session that has not read the settings.
        $env:PGPASSWORD = $server.Password
        try {
            $undone = Invoke-CleanShell "$($back.Trim()) -Force"
            $undone.ExitCode | Should -Be 0 -Because $undone.Error
            & "$($server.Bin)/psql" -XAt -d "postgres://postgres@127.0.0.1:$($server.Port)/my-other" -c 'SELECT count(note) >= 0 FROM orders' | Should -Be 't'
        }
        finally { Remove-Item Env:PGPASSWORD }
        # The first part is committed; the second fails on this server, not in the rehearsal.
        $null = New-Item -ItemType Directory "$folder/half"
        Set-Content "$folder/half/001_create.sql" 'CREATE TABLE half (id int PRIMARY KEY);'
        Set-Content "$folder/half/002_fail.sql" "DO `$`$ BEGIN IF current_setting('port') = '$($server.Port)' THEN RAISE EXCEPTION 'half'; END IF; END `$`$;"
        $run = Invoke-Runbook $folder release.ps1 'my-other', "$folder/half"
        $run.ExitCode | Should -Be 1 -Because $run.Text
        $run.Text | Should -BeLike '*release: the backup was restored. To undo that: Undo-PgRestore *'
        Set-Schedule $folder 'my-other' -Port 1
        $run = Invoke-Runbook $folder release.ps1 'my-other', "$folder/sql"
        $run.ExitCode | Should -Be 5 -Because $run.Text
        $run.Text | Should -BeLike '*release: nothing was changed*'
        $run.Text | Should -Not -BeLike '*Restore-PgDatabase*'
    }
}

Describe 'fleet.ps1' {
    It 'backs up the servers of the inventory at the same time, and reports the failure of each by its name' {
        $folder = New-Schedule
        Set-Content "$folder/pgpass" "*:*:*:*:$($server.Password)"
        chmod 600 "$folder/pgpass"
        Set-Content "$folder/inventory.csv" 'Name,Server,Port,Database,User', "web,127.0.0.1,$($server.Port),shop,postgres", 'gone,127.0.0.1,1,shop,postgres', "books,127.0.0.1,$($server.Port),my-other,postgres"
        $run = Invoke-Runbook $folder fleet.ps1 "$folder/inventory.csv"
        $run.ExitCode | Should -Be 5 -Because $run.Text
        $run.Text | Should -BeLike '*gone: error DBS*'
        $run.Sets.Directory.Name | Sort-Object | Should -Be 'books', 'web'
        $report = Get-Content "$folder/state/runs.jsonl" | ConvertFrom-Json
        $report.databases.database | Should -Be 'web', 'gone', 'books'
        $report.databases.exitCode | Should -Be 0, 5, 0
    }

    It 'keeps the backups of other environments' {
        $folder = New-Schedule -More "KEEP_LAST='2'"
        Set-Content "$folder/pgpass" "*:*:*:*:$($server.Password)"
        chmod 600 "$folder/pgpass"
        Set-Content "$folder/inventory.csv" 'Name,Server,Port,Database,User', "web,127.0.0.1,$($server.Port),shop,postgres"
        foreach ($more in "KEEP_LAST='2'", "KEEP_LAST='2'", "ENVIRONMENT='other'") {
            Set-Schedule $folder shop -More $more
            $run = Invoke-Runbook $folder fleet.ps1 "$folder/inventory.csv"
            $run.ExitCode | Should -Be 0 -Because $run.Text
        }
        $run.Sets.Count | Should -Be 3
    }

    It 'refuses an inventory with <rows>' -ForEach @(
        @{ Rows = 'web,WEB'; Text = 'contains the name web 2 times' }
        @{ Rows = '../web'; Text = 'is not a name' }
    ) {
        $folder = New-Schedule
        Set-Content "$folder/inventory.csv" (@('Name,Server,Port,Database,User') + $Rows.Split(',').ForEach({ "$_,127.0.0.1,$($server.Port),shop,postgres" }))
        $run = Invoke-Runbook $folder fleet.ps1 "$folder/inventory.csv"
        $run.ExitCode | Should -Be 2 -Because $run.Text
        (Get-Content -Raw "$folder/failure.json" | ConvertFrom-Json).error | Should -BeLike "*$Text*"
        $run.Sets.Count | Should -Be 0
    }
}
