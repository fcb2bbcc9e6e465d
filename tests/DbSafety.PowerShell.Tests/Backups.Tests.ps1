BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    Import-Module "$PSScriptRoot/ScratchPostgres.psm1"
    Import-Module (Get-ModuleManifestPath)
    $server = Start-ScratchPostgres
    New-Shop $server 'shop'
    New-Shop $server 'crm' 10
}

AfterAll { Stop-ScratchPostgres $server }

Describe 'Backup-PgDatabase' {
    It 'writes a set and says what is in it' {
        $backup = Backup-PgDatabase shop "$TestDrive/one" -Environment prod -Label before-release, weekly
        $backup.Database | Should -Be 'shop'
        $backup.Rows | Should -Be 1100
        $backup.Labels | Should -Be @('before-release', 'weekly')
        $backup.Path | Should -Exist
        $backup.Payload | Should -Exist
        Split-Path -Leaf $backup.Path | Should -Match '^backup_prod_shop_\d{8}T\d{6}Z\.json$'
    }

    It 'takes databases from the pipeline' {
        (Get-PgDatabase 'shop' | Backup-PgDatabase -Destination "$TestDrive/piped").Rows | Should -Be 1100
        ('shop', 'crm' | Backup-PgDatabase -Destination "$TestDrive/piped2").Database | Should -Be @('shop', 'crm')
    }

    It 'writes as <_>' -ForEach 'Custom', 'Plain', 'Directory' {
        $backup = Backup-PgDatabase crm "$TestDrive/$_" -Format $_
        $backup | Test-PgBackup | ForEach-Object Passed | Should -BeTrue
    }

    It 'takes brackets, spaces and a drive of PowerShell in a path as they are meant' {
        $null = New-PSDrive -Name Vault -PSProvider FileSystem -Root $TestDrive -Scope Global
        try {
            $backup = Backup-PgDatabase crm 'Vault:/set [1] of x'
            $backup.Path | Should -BeLike "$([WildcardPattern]::Escape("$TestDrive/set [1] of x"))/*"
            ($backup | Test-PgBackup).Passed | Should -BeTrue
            (Get-PgBackup 'Vault:/set [1] of x').Path | Should -Be $backup.Path
            (Test-PgBackup "Vault:/set*/*.json").Passed | Should -BeTrue
        }
        finally { Remove-PSDrive Vault }
    }

    It 'is relative to the shell''s folder, not to the process''s' {
        $null = New-Item -ItemType Directory "$TestDrive/here"
        Push-Location "$TestDrive/here"
        try { (Backup-PgDatabase crm sets).Path | Should -BeLike "$TestDrive/here/sets/*" } finally { Pop-Location }
    }

    It 'takes ~ and a relative path as the shell does' {
        $folder = "dbsafety-tests-$([guid]::NewGuid().ToString('N'))"
        try {
            $backup = Backup-PgDatabase shop "~/$folder"
            $backup.Folder | Should -Be (Join-Path $HOME $folder)
            Push-Location ~
            try { (Get-PgBackup "./$folder" | Test-PgBackup).Passed | Should -BeTrue } finally { Pop-Location }
        }
        finally { Remove-Item -Recurse -Force (Join-Path $HOME $folder) -ErrorAction Ignore }
    }

    It 'writes nothing with -WhatIf' {
        $said = Backup-PgDatabase shop "$TestDrive/whatif" -WhatIf
        $said | Should -BeNullOrEmpty
        "$TestDrive/whatif" | Should -Not -Exist
    }

    It 'says what it does with -Verbose, and no password' {
        $records = Backup-PgDatabase shop "$TestDrive/verbose" -Verbose -Debug 4>&1 5>&1
        $text = $records | Where-Object { $_.GetType().Name -ne 'PgBackup' } | Out-String
        $text | Should -Match 'pg_dump'
        $text | Should -Not -Match $server.Password
    }
}

Describe 'Get-PgBackup' {
    It 'lists a folder, the newest first, of one database if asked' {
        $null = 'shop', 'crm' | Backup-PgDatabase -Destination "$TestDrive/list"
        (Get-PgBackup "$TestDrive/list").Count | Should -Be 2
        (Get-PgBackup "$TestDrive/list" -Database 'cr*').Database | Should -Be 'crm'
        (Get-Item "$TestDrive/list" | Get-PgBackup).Count | Should -Be 2
    }

    It 'says DBS203 for a folder that is not there, and goes on' {
        $found = Get-PgBackup "$TestDrive/nowhere", "$TestDrive/list" -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.FullyQualifiedErrorId | Should -Be 'DBS203,DbSafety.PowerShell.Commands.GetPgBackupCommand'
        $found.Count | Should -Be 2
    }
}

Describe 'Test-PgBackup' {
    BeforeAll { $backup = Backup-PgDatabase shop "$TestDrive/test" }

    It 'passes a set by manifest, payload, object and file' {
        (Test-PgBackup $backup.Path).Passed | Should -BeTrue
        (Test-PgBackup $backup.Payload).Rows | Should -Be 1100
        ($backup | Test-PgBackup).Passed | Should -BeTrue
        (Get-Item $backup.Path | Test-PgBackup).Passed | Should -BeTrue
        ($backup.Path, $backup.Payload | Test-PgBackup).Count | Should -Be 2
    }

    It 'fails a set with one byte changed: the object says why, the error is DBS204, and the next is tested' {
        $damaged = Backup-PgDatabase crm "$TestDrive/damaged"
        $bytes = [IO.File]::ReadAllBytes($damaged.Payload)
        $bytes[[int]($bytes.Length / 2)] = $bytes[[int]($bytes.Length / 2)] -bxor 1
        [IO.File]::WriteAllBytes($damaged.Payload, $bytes)
        $results = $damaged.Path, $backup.Path | Test-PgBackup -ErrorAction SilentlyContinue -ErrorVariable failures
        $results.Passed | Should -Be @($false, $true)
        $results[0].Problems | Should -Not -BeNullOrEmpty
        $failures.Count | Should -Be 1
        $failures[0].FullyQualifiedErrorId | Should -Be 'DBS204,DbSafety.PowerShell.Commands.TestPgBackupCommand'
        $failures[0].CategoryInfo.Category | Should -Be 'InvalidData'
        $failures[0].TargetObject | Should -Be $damaged.Path
    }
}

Describe 'The views' {
    It 'fit into 100 columns' {
        $backup = Backup-PgDatabase shop "$TestDrive/view" -Environment production
        $tables = Get-PgDatabase; $tables += $backup, (Test-PgBackup $backup.Path), (Measure-PgDatabase shop)
        foreach ($object in $tables) {
            $lines = ($object | Out-String -Width 100) -split "`n"
            ($lines | ForEach-Object { $_.TrimEnd().Length } | Measure-Object -Maximum).Maximum | Should -BeLessOrEqual 100
            $lines -join "`n" | Should -Not -Match '…'
        }
    }
}
