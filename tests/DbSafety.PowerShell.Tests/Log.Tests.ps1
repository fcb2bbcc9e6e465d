BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    Import-Module "$PSScriptRoot/ScratchPostgres.psm1"
    Import-Module (Get-ModuleManifestPath)
    $server = Start-ScratchPostgres
    New-Shop $server 'shop'
    $before = $env:DBSAFETY_LOG
    $env:DBSAFETY_LOG = "$TestDrive/log"
    $backup = Backup-PgDatabase shop "$TestDrive/sets"
    $null = $backup | Restore-PgDatabase -Force
    $null = Undo-PgRestore shop -Force
    $null = $backup | Test-PgBackup
    $null = Remove-PgBackup "$TestDrive/sets" -KeepLast 1 -Force
    $failure = try { Restore-PgDatabase "$TestDrive/none.json" shop -Force } catch { $_ }
}

AfterAll {
    $env:DBSAFETY_LOG = $before
    Stop-ScratchPostgres $server
}

Describe 'Get-DbSafetyLog' {
    It 'lists what was changed and tested, the newest first, with who, where and how it ended' {
        $log = Get-DbSafetyLog
        $log.Operation | Should -Be 'Restore-PgDatabase', 'Test-PgBackup', 'Undo-PgRestore', 'Restore-PgDatabase', 'Backup-PgDatabase'
        $log.Outcome | Should -Be 'Refused', 'Succeeded', 'Succeeded', 'Succeeded', 'Succeeded'
        $log[-1].Rows | Should -Be 1100
        $log[-1].Sets.Path | Should -Be $backup.Path
        $log[-1].Sets.Seal | Should -Be $backup.Manifest.Seal
        $log[0].ErrorCode | Should -Be ($failure.FullyQualifiedErrorId -replace ',.*')
        $log | ForEach-Object User | Should -Be (@([Environment]::UserName) * 5)
    }

    It 'records no plan' {
        Restore-PgDatabase $backup.Path shop -WhatIf
        (Get-DbSafetyLog).Count | Should -Be 5
    }

    It 'filters by database, operation, outcome and time' {
        (Get-DbSafetyLog sh*).Count | Should -Be 5
        (Get-DbSafetyLog other) | Should -BeNullOrEmpty
        (Get-DbSafetyLog SHOP) | Should -BeNullOrEmpty
        ('sh[o]p' | Get-DbSafetyLog) | Should -BeNullOrEmpty
        ('shop' | Get-DbSafetyLog).Count | Should -Be 5
        (Get-DbSafetyLog -Operation restore-*).Count | Should -Be 2
        (Get-DbSafetyLog -Outcome Refused, Failed).Count | Should -Be 1
        (Get-DbSafetyLog -Since (Get-Date).AddHours(1)) | Should -BeNullOrEmpty
        (Get-DbSafetyLog -Since (Get-Date).AddHours(-1)).Count | Should -Be 5
    }

    It 'reads a copy of the log of another machine, and reports a folder that does not exist' {
        Copy-Item -Recurse "$TestDrive/log" "$TestDrive/copy"
        (Get-DbSafetyLog -Path "$TestDrive/copy").Count | Should -Be 5
        { Get-DbSafetyLog -Path "$TestDrive/nowhere" } | Should -Throw -ErrorId 'DBS211*'
    }

    It 'shows a table that fits the terminal, and completes names from the log' {
        Get-DbSafetyLog | Out-String -Width 110 | Should -Match 'Time +Outcome +Operation +Database +Took Details'
        (TabExpansion2 'Get-DbSafetyLog -Operation Un').CompletionMatches.CompletionText | Should -Contain 'Undo-PgRestore'
        (TabExpansion2 'Get-DbSafetyLog ').CompletionMatches.CompletionText | Should -Contain 'shop'
    }
}

Describe 'Get-PgLastBackup' {
    BeforeAll {
        New-Shop $server 'never'
        $null = $backup | Test-PgBackup -Drill
    }

    It 'finds the newest backup of each database by the log, with its age, drill and restore' {
        $last = Get-PgLastBackup
        $last.Database | Should -Be 'shop'
        $last.Path | Should -Be $backup.Path
        $last.IsStale | Should -BeFalse
        $last.Age.TotalMinutes | Should -BeLessThan 30
        $last.LastDrill | Should -Not -BeNullOrEmpty
        $last.DrillDuration.TotalSeconds | Should -BeGreaterThan 0
        $last.RestoreDuration.TotalSeconds | Should -BeGreaterThan 0
    }

    It 'lists a database of the server that was never backed up as stale' {
        $last = Get-PgDatabase | Where-Object Database -in never, shop | Get-PgLastBackup -Path "$TestDrive/sets"
        $last.Database | Should -Be 'never', 'shop'
        $last.IsStale | Should -Be $true, $false
        $last[0].Backup | Should -BeNullOrEmpty
        $last | Out-String -Width 120 | Should -Match 'stale +never +never +none'
    }

    It 'is stale if the backup is older than the maximum age, and can be piped to a restore' {
        $env:DBSAFETY_LOG = "$TestDrive/empty"
        try {
            { Get-PgLastBackup } | Should -Throw -ErrorId 'DBS235*'
            (Get-PgLastBackup -Path "$TestDrive/sets").LastDrill | Should -BeNullOrEmpty
        }
        finally { $env:DBSAFETY_LOG = "$TestDrive/log" }
        (Get-PgLastBackup shop "$TestDrive/sets").Backup | Restore-PgDatabase -WhatIf
        { Get-PgLastBackup -Path "$TestDrive/sets" -MaxAge 00:10 } | Should -Throw '*at least one hour*'
    }
}
