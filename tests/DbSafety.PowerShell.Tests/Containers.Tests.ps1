BeforeDiscovery {
    Import-Module "$PSScriptRoot/ScratchEngine.psm1"
    $withoutEngine = -not (Test-ScratchEngine)
}

BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    Import-Module "$PSScriptRoot/ScratchEngine.psm1"
    Import-Module (Get-ModuleManifestPath)
    $engine = Start-ScratchEngine
    if (-not $engine) { return }
    $classic = '/var/lib/postgresql/data'
    Start-ShopContainer $engine safe '-v', "shop-data:$classic"
    Start-ShopContainer $engine careless
}

AfterAll { Stop-ScratchEngine $engine }

Describe 'Test-DockerVolume on a real engine' -Skip:$withoutEngine {
    It 'reports whether the volume survives, for every type of input' {
        $tests = 'safe', 'careless' | Test-DockerVolume
        $tests.Container | Should -Be 'safe', 'careless'
        $tests.Survives | Should -Be $true, $false
        $tests.MountKind | Should -Be NamedVolume, AnonymousVolume
        ($tests[1].Checks | Where-Object Id -eq mount).Remedy | Should -BeLike "*-v careless-data:$classic*"
        ($tests[1].Checks | Where-Object Id -eq mount).Remedy | Should -BeLike '*Backup-PgDatabase -Container careless -Destination ./backups*'
        $tests.Checks.Remedy | Should -Not -Match '\bdbsafety | --[a-z]'
        (Test-DockerVolume shop-data).Container | Should -Be safe
        (Find-PgDockerVolume shop-data | Test-DockerVolume).Container | Should -Be safe
    }

    It 'shows the verdict first, within 100 columns' {
        $lines = Test-DockerVolume safe | Out-String -Width 300 -Stream
        $lines | Where-Object { $_ -match 'Verdict\s+Survives\s+Container' } | Should -HaveCount 1
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 100
    }

    It 'suggests containers with similar names, and continues with the next container' {
        $tests = Test-DockerVolume saffe, safe -ErrorAction SilentlyContinue -ErrorVariable failure
        $tests.Container | Should -Be safe
        $failure[0].FullyQualifiedErrorId | Should -Be 'DBS504,DbSafety.PowerShell.Commands.TestDockerVolumeCommand'
        $failure[0].ErrorDetails.RecommendedAction | Should -Be 'Did you mean safe?'
    }

    It 'tests every database of a compose file' {
        $file = "$TestDrive/[my] shop.yml"
        Set-Content -LiteralPath $file "services:`n  db:`n    image: $($engine.Image)`n"
        Start-ShopContainer $engine composed '--label', 'com.docker.compose.project=shop', '--label', 'com.docker.compose.service=db', '--label', "com.docker.compose.project.config_files=$file"
        (Get-Item -LiteralPath $file | Test-DockerVolume).Container | Should -Be composed
        Push-Location -LiteralPath $TestDrive
        try { (Test-DockerVolume './[my] shop.yml').Container | Should -Be composed } finally { Pop-Location }
        { Test-DockerVolume "$TestDrive/none.yml" } | Should -Throw -ErrorId 'DBS530,*'
    }
}

Describe 'Where did my data go' -Skip:$withoutEngine {
    It 'finds the volume of a removed container and backs it up, with two commands' -Tag 'H16' {
        Start-ShopContainer $engine gone '-v', "gone-data:$classic"
        docker rm --force gone
        $lost = Find-PgDockerVolume -Orphaned
        $lost.Volume | Should -Be gone-data
        $lost.BringBack | Should -BeLike 'docker run *-v gone-data:*'
        $lost.BackUp | Should -Be 'Backup-PgDatabase -Volume gone-data -Destination ./backups'
        $backup = $lost | Backup-PgDatabase -Destination "$TestDrive/found"
        $backup.Database, $backup.Rows | Should -Be 'shop', 600
        ($backup | Test-PgBackup).Passed | Should -BeTrue
        (Find-PgDockerVolume | Where-Object IsOrphaned).Volume | Should -Be gone-data
    }
}

Describe '-Container' -Skip:$withoutEngine {
    It 'lists, measures, backs up and restores a database in a container' {
        (Get-PgDatabase -Container safe).Database | Should -Contain shop
        (Measure-PgDatabase -Container safe).Rows | Should -Be 600
        $backup = Get-PgDatabase shop -Container safe | Backup-PgDatabase -Destination "$TestDrive/backups"
        docker exec safe psql -qU postgres shop -c 'DELETE FROM orders'
        $restore = $backup | Restore-PgDatabase -Container safe -Force
        $restore.Verified, $restore.Database | Should -Be $true, shop
        (Measure-PgDatabase -Container safe).Rows | Should -Be 600
        (Undo-PgRestore -Container safe -Force).Database | Should -Be shop
        (Measure-PgDatabase -Container safe).Rows | Should -Be 100
    }

    It 'rehearses a migration in a container of the same image, and applies it' {
        $folder = New-Item -ItemType Directory "$TestDrive/migrations"
        Set-Content "$folder/001_note.sql" 'ALTER TABLE customers ADD COLUMN note text;'
        (Invoke-SafeMigration $folder -Container careless -WhatIf).Outcome | Should -Be Planned
        $done = Invoke-SafeMigration $folder -Container careless -Destination "$TestDrive/backups" -Force
        $done.Outcome | Should -Be Applied
        ($done.Stages | Where-Object Name -eq rehearse).Evidence | Should -BeLike "*temporary container of $($engine.Image)*"
        Get-PgMigration $folder -Container careless | Where-Object State -eq Pending | Should -BeNullOrEmpty
    }

    It 'reports a stopped container, and recommends the command that starts it' {
        $null = docker stop -t 1 careless
        try { Get-PgDatabase -Container careless } catch { $failure = $_ }
        $failure.FullyQualifiedErrorId | Should -BeLike 'DBS506,*'
        $failure.ErrorDetails.RecommendedAction | Should -Be 'Start it: docker start careless.'
        (Test-DockerVolume careless).Verdict | Should -Be Fail
    }
}
