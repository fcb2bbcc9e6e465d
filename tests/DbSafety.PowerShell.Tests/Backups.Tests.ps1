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
    It 'writes a backup set and emits an object that describes it' {
        $backup = Backup-PgDatabase shop "$TestDrive/one" -Environment prod -Label before-release, weekly
        $backup.Database | Should -Be 'shop'
        $backup.Rows | Should -Be 1100
        $backup.Labels | Should -Be @('before-release', 'weekly')
        $backup.Path | Should -Exist
        $backup.Payload | Should -Exist
        Split-Path -Leaf $backup.Path | Should -Match '^backup_prod_shop_\d{8}T\d{6}Z\.json$'
    }

    It 'accepts databases from the pipeline' {
        (Get-PgDatabase 'shop' | Backup-PgDatabase -Destination "$TestDrive/piped").Rows | Should -Be 1100
        ('shop', 'crm' | Backup-PgDatabase -Destination "$TestDrive/piped2").Database | Should -Be @('shop', 'crm')
    }

    It 'writes the <_> format' -ForEach 'Custom', 'Plain', 'Directory' {
        $backup = Backup-PgDatabase crm "$TestDrive/$_" -Format $_
        $backup | Test-PgBackup | ForEach-Object Passed | Should -BeTrue
    }

    It 'accepts brackets, spaces and PowerShell drives in a path' {
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

    It 'resolves a relative path against the PowerShell location, not the working directory of the process' {
        $null = New-Item -ItemType Directory "$TestDrive/here"
        Push-Location "$TestDrive/here"
        try { (Backup-PgDatabase crm sets).Path | Should -BeLike "$TestDrive/here/sets/*" } finally { Pop-Location }
    }

    It 'resolves ~ and relative paths as PowerShell does' {
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

    It 'reports its steps with -Verbose, without a password' {
        $records = Backup-PgDatabase shop "$TestDrive/verbose" -Verbose -Debug 4>&1 5>&1
        $text = $records | Where-Object { $_.GetType().Name -ne 'PgBackup' } | Out-String
        $text | Should -Match 'pg_dump'
        $text | Should -Not -Match $server.Password
    }
}

Describe 'Get-PgBackup' {
    It 'lists the backups in a folder, newest first, and filters them by -Database' {
        $null = 'shop', 'crm' | Backup-PgDatabase -Destination "$TestDrive/list"
        (Get-PgBackup "$TestDrive/list").Count | Should -Be 2
        (Get-PgBackup "$TestDrive/list" -Database 'cr*').Database | Should -Be 'crm'
        (Get-Item "$TestDrive/list" | Get-PgBackup).Count | Should -Be 2
    }

    It 'reports DBS203 for a folder that does not exist, and continues with the next folder' {
        $found = Get-PgBackup "$TestDrive/nowhere", "$TestDrive/list" -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.FullyQualifiedErrorId | Should -Be 'DBS203,DbSafety.PowerShell.Commands.GetPgBackupCommand'
        $found.Count | Should -Be 2
    }
}

Describe 'Test-PgBackup' {
    BeforeAll { $backup = Backup-PgDatabase shop "$TestDrive/test" }

    It 'accepts an intact set by manifest path, payload path, object and file' {
        (Test-PgBackup $backup.Path).Passed | Should -BeTrue
        (Test-PgBackup $backup.Payload).Rows | Should -Be 1100
        ($backup | Test-PgBackup).Passed | Should -BeTrue
        (Get-Item $backup.Path | Test-PgBackup).Passed | Should -BeTrue
        ($backup.Path, $backup.Payload | Test-PgBackup).Count | Should -Be 2
    }

    It 'fails a set with a changed byte, lists its problems, reports DBS204, and tests the next set' {
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

Describe 'The format views' {
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
