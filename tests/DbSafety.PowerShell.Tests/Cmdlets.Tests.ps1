# What is promised of every cmdlet, held for each: a new one without its row here fails the suite.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    $there = (Import-PowerShellDataFile (Get-ModuleManifestPath)).CmdletsToExport
    # ByValue and ByName: what its natural input binds to. Wrong: a call that fails, and how. Waits: a call that hangs where nobody answers.
    $rows = @(
        @{ Name = 'Backup-PgDatabase'; ByValue = 'InputObject'; ByName = 'Database'; Wrong = 'Backup-PgDatabase nope ./x'; Error = 'DBS103'; Category = 'ObjectNotFound'; Waits = 'Backup-PgDatabase x ./x -Server HOLE'; Changes = 'Backup-PgDatabase shop ./more' }
        @{ Name = 'Compare-PgDatabase'; ByValue = 'Reference'; ByName = 'Database'; Wrong = 'Compare-PgDatabase ./nowhere.json shop'; Error = 'DBS203'; Category = 'ObjectNotFound'; Waits = 'Compare-PgDatabase (Get-ChildItem ./backups/*.json)[0] -Database x -Server HOLE' }
        @{ Name = 'Find-PgDockerVolume'; ByValue = 'Volume'; ByName = 'Volume'; Wrong = 'Find-PgDockerVolume -DockerHost unix:///nowhere'; Error = 'DBS501'; Category = 'ConnectionError'; Waits = 'Find-PgDockerVolume -DockerHost tcp://HOLE' }
        @{ Name = 'Get-DbSafetyLog'; ByValue = 'Database'; ByName = 'Database'; Wrong = 'Get-DbSafetyLog -Path ./nowhere'; Error = 'DBS211'; Category = 'ObjectNotFound' }
        @{ Name = 'Get-PgBackup'; ByValue = 'Path'; ByName = 'Path'; Wrong = 'Get-PgBackup ./nowhere'; Error = 'DBS203'; Category = 'ObjectNotFound'; Waits = '1..1000000 | ForEach-Object { Write-Progress going; "./backups" } | Get-PgBackup' }
        @{ Name = 'Get-PgDatabase'; ByValue = 'Database'; ByName = 'Database'; Wrong = 'Get-PgDatabase nope'; Error = 'DBS103'; Category = 'ObjectNotFound'; Waits = 'Get-PgDatabase -Server HOLE' }
        @{ Name = 'Get-PgLastBackup'; ByValue = 'Database'; ByName = 'Database'; Wrong = 'Get-PgLastBackup nope ./backups'; Error = 'DBS103'; Category = 'ObjectNotFound'; Waits = 'Get-PgLastBackup x ./backups -Server HOLE' }
        @{ Name = 'Get-PgMigration'; ByValue = 'Path'; ByName = 'Database'; Wrong = 'Get-PgMigration ./nowhere shop'; Error = 'DBS401'; Category = 'InvalidArgument'; Waits = 'Get-PgMigration ./migrations x -Server HOLE' }
        @{ Name = 'Get-PgRetainedDatabase'; ByValue = 'Database'; ByName = 'Database'; Wrong = 'Get-PgRetainedDatabase -Server 127.0.0.1:1'; Error = 'DBS101'; Category = 'ConnectionError'; Waits = 'Get-PgRetainedDatabase -Server HOLE' }
        @{ Name = 'Invoke-SafeMigration'; ByValue = 'Path'; ByName = 'Database'; Wrong = 'Invoke-SafeMigration ./nowhere shop -Force'; Error = 'DBS401'; Category = 'InvalidArgument'; Waits = 'Invoke-SafeMigration ./migrations x -Server HOLE -Force'; Changes = 'Invoke-SafeMigration ./migrations shop -Force' }
        @{ Name = 'Measure-PgDatabase'; ByValue = 'Database'; ByName = 'Database'; Wrong = 'Measure-PgDatabase nope'; Error = 'DBS103'; Category = 'ObjectNotFound'; Waits = 'Measure-PgDatabase x -Server HOLE' }
        @{ Name = 'Remove-PgBackup'; ByValue = 'Path'; ByName = 'Path'; Wrong = 'Remove-PgBackup ./nowhere -KeepLast 1 -Force'; Error = 'DBS203'; Category = 'ObjectNotFound'; Waits = '1..1000000 | ForEach-Object { Write-Progress going; "./backups" } | Remove-PgBackup -KeepLast 1 -Force'; Changes = 'Remove-PgBackup ./backups -KeepLast 1 -Force' }
        @{ Name = 'Remove-PgRetainedDatabase'; ByValue = 'Name'; ByName = 'Name'; Wrong = 'Remove-PgRetainedDatabase nope -Force'; Error = 'DBS335'; Category = 'InvalidArgument'; Waits = 'Remove-PgRetainedDatabase x -Server HOLE -Force'; Changes = 'Remove-PgRetainedDatabase shop_* -Force' }
        @{ Name = 'Resolve-PgMigration'; ByValue = 'InputObject'; ByName = 'Name'; Wrong = 'Resolve-PgMigration ./migrations shop nope Applied -Force'; Error = 'DBS413'; Category = 'InvalidArgument'; Waits = 'Resolve-PgMigration ./migrations x 001 Applied -Server HOLE -Force'; Changes = 'Resolve-PgMigration ./migrations shop 001_visits.sql Applied -Force' }
        @{ Name = 'Restore-PgDatabase'; ByValue = 'InputObject'; ByName = 'Path'; Wrong = 'Restore-PgDatabase ./nowhere.json shop -Force'; Error = 'DBS203'; Category = 'ObjectNotFound'; Waits = 'Restore-PgDatabase (Get-ChildItem ./backups/*.json)[0] x -Server HOLE -Force'; Changes = 'Restore-PgDatabase (Get-ChildItem ./backups/*.json)[0] shop -Force' }
        @{ Name = 'Test-DockerVolume'; ByValue = 'Container'; ByName = 'Container'; Wrong = 'Test-DockerVolume x -DockerHost unix:///nowhere'; Error = 'DBS501'; Category = 'ConnectionError'; Waits = 'Test-DockerVolume x -DockerHost tcp://HOLE' }
        @{ Name = 'Test-PgBackup'; ByValue = 'Path'; ByName = 'Path'; Wrong = 'Test-PgBackup ./nowhere.json'; Error = 'DBS203'; Category = 'ObjectNotFound'; Waits = 'Test-PgBackup ./endless.sql' }
        @{ Name = 'Test-PgMigration'; ByValue = 'Path'; ByName = 'Database'; Wrong = 'Test-PgMigration ./nowhere'; Error = 'DBS401'; Category = 'InvalidArgument'; Waits = 'Test-PgMigration ./migrations x -Server HOLE' }
        @{ Name = 'Undo-PgRestore'; ByValue = 'InputObject'; ByName = 'Database'; Wrong = 'Undo-PgRestore nope -Force'; Error = 'DBS103'; Category = 'ObjectNotFound'; Waits = 'Undo-PgRestore x -Server HOLE -Force'; Changes = 'Undo-PgRestore shop -Force' }
    )
    $waiting = $rows.Where({ $_.Waits })
    $changing = $rows.Where({ $_.Changes })
}

BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    Import-Module "$PSScriptRoot/ScratchPostgres.psm1"
    $manifest = Get-ModuleManifestPath
    Import-Module $manifest
    $server = Start-ScratchPostgres
    New-Shop $server 'shop'
    Push-Location $TestDrive
    $null = New-Item -ItemType Directory ./migrations
    Set-Content ./migrations/001_visits.sql 'CREATE TABLE visits (id int);'
    $null = Backup-PgDatabase shop ./backups
    $null = Backup-PgDatabase shop ./backups | Restore-PgDatabase -Force
    # A dump that takes seconds to read.
    Set-Content ./endless.sql "--`n-- PostgreSQL database dump`n--`n`nCREATE TABLE public.t (a text);`nCOPY public.t (a) FROM stdin;"
    sh -c "yes 'a row of no great interest, and another one after it' 2>/dev/null | head -c 1500M >> ./endless.sql"
    # Takes connections and says nothing.
    $hole = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
    $hole.Start()
    $address = "127.0.0.1:$($hole.LocalEndpoint.Port)"
}

AfterAll {
    Pop-Location
    $hole.Stop()
    Stop-ScratchPostgres $server
}

Describe 'The test table of this file' {
    It 'contains every cmdlet of the module' -ForEach @(@{ There = $there; Rows = $rows.Name }) {
        $Rows | Should -Be ($There | Sort-Object)
    }
}

Describe '<Name>' -ForEach $rows {
    It 'binds its main input from the pipeline, by value and by property name' {
        $parameters = (Get-Command $Name).Parameters
        $parameters[$ByValue].Attributes.ValueFromPipeline | Should -Contain $true
        $parameters[$ByName].Attributes.ValueFromPipelineByPropertyName | Should -Contain $true
    }

    It 'fails with a stable error ID, a category, an activity and a recommended action' {
        $shell = [powershell]::Create()
        $null = $shell.AddScript("Set-Location '$TestDrive'; Import-Module '$manifest'; try { $Wrong -ErrorAction Stop } catch { `$_ }")
        $record = $shell.Invoke()[0]
        $record.FullyQualifiedErrorId | Should -BeLike "$Error,DbSafety.PowerShell.Commands.*"
        $record.CategoryInfo.Category | Should -Be $Category
        $record.CategoryInfo.Activity | Should -Be $Name
        $record.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'sets $? and the error variable, and continues with -ErrorAction SilentlyContinue' {
        $shell = [powershell]::Create()
        $null = $shell.AddScript("Set-Location '$TestDrive'; Import-Module '$manifest'; $Wrong -ErrorAction SilentlyContinue -ErrorVariable kept; `$?; `$kept.Count; 'next'")
        $said = try { $shell.Invoke() } catch { "ended: $_" }
        $said | Select-Object -Last 3 | Should -Be $false, 1, 'next' -Because "$($shell.Streams.Error)"
    }
}

Describe '<Name> while it waits' -ForEach $waiting {
    BeforeEach { while ($hole.Pending()) { $hole.AcceptTcpClient().Dispose() } }

    It 'stops within a second of Ctrl-C' {
        $line = $Waits.Replace('HOLE', $address)
        $shell = [powershell]::Create()
        $null = $shell.AddScript("Set-Location '$TestDrive'; Import-Module '$manifest'; $line")
        $running = $shell.BeginInvoke()
        if ($Waits -like '*HOLE*') { Wait-Until { $hole.Pending() -or $running.IsCompleted } "$Name to connect" }
        else { Wait-Until { $shell.Streams.Progress.Count -gt 0 -or $running.IsCompleted } "$Name to read" }
        $running.IsCompleted | Should -BeFalse
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $shell.Stop()
        $clock.Elapsed.TotalMilliseconds | Should -BeLessThan 1000
        $shell.InvocationStateInfo.State | Should -Be Stopped
        $shell.Dispose()
    }
}

Describe '<Name> with -WhatIf' -ForEach $changing {
    BeforeAll {
        # Everything there is: databases with their sizes on the disk apart, tables, histories, files.
        function Get-Everything {
            (Get-PgDatabase -IncludeRetained).Database
            Invoke-Sql $server shop "SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
            Get-ChildItem -Recurse $TestDrive | ForEach-Object { "$($_.FullName) $($_.LastWriteTimeUtc.Ticks)" }
        }
    }

    It 'changes nothing' {
        $before = Get-Everything
        [scriptblock]::Create("$Changes -WhatIf -WarningAction Ignore 6>`$null").Invoke()
        Get-Everything | Should -Be $before
    }
}
