BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    Import-Module "$PSScriptRoot/ScratchPostgres.psm1"
    $manifest = Get-ModuleManifestPath
    Import-Module $manifest
    $server = Start-ScratchPostgres
    New-Shop $server 'shop'
    New-Shop $server 'large' 1500000

    # A session that holds a lock until it is closed, so that whoever wants the table waits.
    function Start-Lock {
        $info = [System.Diagnostics.ProcessStartInfo]::new("$($server.Bin)/psql")
        '-X', '-q', '-d', 'shop' | ForEach-Object { $info.ArgumentList.Add($_) }
        $info.RedirectStandardInput = $true
        $process = [System.Diagnostics.Process]::Start($info)
        $process.StandardInput.WriteLine('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE;')
        $process.StandardInput.Flush()
        Wait-Until { (Invoke-Sql $server shop "SELECT count(*) FROM pg_locks WHERE granted AND relation = 'orders'::regclass AND mode = 'AccessExclusiveLock'") -eq '1' } 'the lock'
        $process
    }

    function Stop-Lock($Process) {
        $Process.StandardInput.Close()
        $Process.WaitForExit()
    }

    function Wait-ForWaiting { Wait-Until { [int](Invoke-Sql $server postgres "SELECT count(*) FROM pg_stat_activity WHERE datname = 'shop' AND wait_event_type = 'Lock'") -gt 0 } 'a session that waits for the lock' }

    function Wait-ForCopy { Wait-Until { [int](Invoke-Sql $server postgres "SELECT count(*) FROM pg_stat_activity WHERE datname = 'large' AND state = 'active' AND query LIKE 'COPY %'") -gt 0 } 'pg_dump to copy the table' }

    # The server ends a session a moment after its client has gone.
    function Should-HaveNoSession([string] $Database) {
        Wait-Until { (Invoke-Sql $server postgres "SELECT count(*) FROM pg_stat_activity WHERE datname = '$Database' AND application_name LIKE '%dbsafety%'") -eq '0' } "$Database to be left alone" 10
    }

    function Should-HoldNoBackup([string] $Folder) {
        if (Test-Path -LiteralPath $Folder) { Get-ChildItem -LiteralPath $Folder -Force -Recurse | Should -BeNullOrEmpty }
    }

    function Start-Pipeline([string] $Text) {
        $shell = [powershell]::Create()
        $null = $shell.AddScript("Import-Module '$manifest'; $Text")
        [pscustomobject]@{ Shell = $shell; Running = $shell.BeginInvoke() }
    }

    function Stop-Pipeline($Pipeline) {
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $Pipeline.Shell.Stop()
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 10
        $Pipeline.Shell.InvocationStateInfo.State | Should -Be 'Stopped'
        $Pipeline.Shell.Dispose()
    }
}

AfterAll { Stop-ScratchPostgres $server }

Describe 'Stopping' -Tag 'H25' {
    It 'cancels a backup that waits for a lock, and leaves no files or sessions' {
        $lock = Start-Lock
        try {
            $pipeline = Start-Pipeline "Backup-PgDatabase shop '$TestDrive/waiting'"
            Wait-ForWaiting
            Stop-Pipeline $pipeline
            Should-HoldNoBackup "$TestDrive/waiting"
            Should-HaveNoSession shop
        }
        finally { Stop-Lock $lock }
    }

    It 'cancels a migration during a statement, and leaves no changes or sessions' {
        $folder = New-Item -ItemType Directory "$TestDrive/stopped"
        Set-Content "$folder/001_slow.sql" 'CREATE TABLE made (id int); SELECT pg_sleep(600);'
        $pipeline = Start-Pipeline "Invoke-SafeMigration '$folder' shop -Force -SkipBackup -SkipRehearsal"
        Wait-Until { (Invoke-Sql $server postgres "SELECT count(*) FROM pg_stat_activity WHERE datname = 'shop' AND wait_event = 'PgSleep'") -eq '1' } 'the statement'
        Wait-Until { @($pipeline.Shell.Streams.Progress.StatusDescription) -contains '001_slow.sql: statement 2 of 2: SELECT pg_sleep(600)' } 'its progress'
        Stop-Pipeline $pipeline
        Invoke-Sql $server shop "SELECT to_regclass('made') IS NULL" | Should -Be 't'
        "$((Get-PgMigration $folder shop).State)" | Should -Be 'Pending'
        Should-HaveNoSession shop
    }

    It 'cancels a backup during the dump, and leaves no files or sessions' {
        $pipeline = Start-Pipeline "Backup-PgDatabase large '$TestDrive/dumping'"
        Wait-ForCopy
        Stop-Pipeline $pipeline
        Should-HoldNoBackup "$TestDrive/dumping"
        Should-HaveNoSession large
    }

    It 'ends a shell and its child processes after Ctrl-C' {
        $start = New-CleanShell -OwnGroup "Import-Module '$manifest'; Backup-PgDatabase large '$TestDrive/interrupted'; 'not reached'"
        $process = [System.Diagnostics.Process]::Start($start)
        Wait-ForCopy
        # As a terminal does it: to the shell and to everything it started.
        kill -INT -- "-$($process.Id)"
        $process.WaitForExit(10000) | Should -BeTrue
        $process.StandardOutput.ReadToEnd() | Should -Not -Match 'not reached'
        Should-HoldNoBackup "$TestDrive/interrupted"
        Should-HaveNoSession large
    }

    It 'cancels a backup when the pipeline ends early' {
        # The second verbose record comes from the middle of the backup.
        $records = Backup-PgDatabase large "$TestDrive/early" -Verbose 4>&1 | Select-Object -First 2
        $records.Count | Should -Be 2
        Should-HoldNoBackup "$TestDrive/early"
        Should-HaveNoSession large
    }

    It 'starts no further backup when Select-Object -First has enough objects' {
        $first = 'shop', 'large' | Backup-PgDatabase -Destination "$TestDrive/first" | Select-Object -First 1
        $first.Database | Should -Be 'shop'
        (Get-PgBackup "$TestDrive/first").Database | Should -Be 'shop'
    }

    It 'cancels a backup when a later command of the pipeline fails, and reports the error of that command' {
        { Backup-PgDatabase large "$TestDrive/downstream" -Verbose 4>&1 | ForEach-Object { if ("$_" -like '*under snapshot*') { throw 'downstream fails' } } } | Should -Throw 'downstream fails'
        Should-HoldNoBackup "$TestDrive/downstream"
        Should-HaveNoSession large
    }
}
