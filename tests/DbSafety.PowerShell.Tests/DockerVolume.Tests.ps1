BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    Import-Module (Get-ModuleManifestPath)
}

# What the checks find is tested against a real engine in DbSafety.Integration.Tests.
Describe 'Test-DockerVolume' {
    It 'reports DBS501 when no engine responds' {
        try { Test-DockerVolume shop-db-1 -DockerHost "unix://$TestDrive/nowhere.sock" } catch { $failure = $_ }
        $failure.FullyQualifiedErrorId | Should -Be 'DBS501,DbSafety.PowerShell.Commands.TestDockerVolumeCommand'
        $failure.CategoryInfo.Category | Should -Be 'ConnectionError'
    }

    It 'tests each container from the pipeline, by name or by ID' {
        $null = 'a', 'b' | Test-DockerVolume -DockerHost "unix://$TestDrive/nowhere.sock" -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.Count | Should -Be 2
        $null = [pscustomobject]@{ Name = 'a' }, [pscustomobject]@{ Id = 'b' } | Test-DockerVolume -DockerHost "unix://$TestDrive/nowhere.sock" -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.FullyQualifiedErrorId | Should -Be (@('DBS501,DbSafety.PowerShell.Commands.TestDockerVolumeCommand') * 2)
    }
}
