BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    $manifest = Get-ModuleManifestPath
}

Describe 'The module' {
    It 'imports into a clean shell without errors or other output' {
        $shell = Invoke-CleanShell '(Get-Module DbSafety).Version.ToString()'
        $shell.Error | Should -BeNullOrEmpty
        $shell.Output | Should -Be '0.1.0'
        $shell.ExitCode | Should -Be 0
    }

    It 'exports exactly the cmdlets that its manifest lists' {
        $named = (Import-PowerShellDataFile $manifest).CmdletsToExport
        $shell = Invoke-CleanShell '(Get-Command -Module DbSafety).Name -join ","'
        ($shell.Output -split ',' | Sort-Object) | Should -Be ($named | Sort-Object)
    }

    It 'lists every cmdlet of its assembly in its manifest' {
        $shell = Invoke-CleanShell '[DbSafety.PowerShell.Running.OperationCmdlet].Assembly.GetExportedTypes().GetCustomAttributesData() | Where-Object { $_.AttributeType.Name -eq "CmdletAttribute" } | ForEach-Object { "$($_.ConstructorArguments[0].Value)-$($_.ConstructorArguments[1].Value)" }'
        ($shell.Output -split "`n" | Sort-Object) | Should -Be ((Import-PowerShellDataFile $manifest).CmdletsToExport | Sort-Object)
    }

    It 'uses approved verbs, and supports -WhatIf exactly for the cmdlets that change something' {
        Import-Module $manifest
        $approved = (Get-Verb).Verb
        foreach ($command in Get-Command -Module DbSafety -CommandType Cmdlet) {
            $command.Verb | Should -BeIn $approved
            $changes = $command.Verb -notin 'Get', 'Test', 'Measure', 'Compare', 'Find'
            $command.Parameters.ContainsKey('WhatIf') | Should -Be $changes -Because "$($command.Name) $(if ($changes) { 'changes something' } else { 'only looks' })"
        }
    }

    It 'requires confirmation for <Name> by default' -ForEach @(@{ Name = 'Restore-PgDatabase' }, @{ Name = 'Undo-PgRestore' }, @{ Name = 'Invoke-SafeMigration' }, @{ Name = 'Remove-PgBackup' }) {
        Import-Module $manifest
        (Get-Command $Name).ImplementingType.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false).ConfirmImpact | Should -Be 'High'
        (Get-Command $Name).Parameters.Keys | Should -Contain 'Force'
    }

    It 'is imported within 150 ms' -Tag 'H29' {
        # The best of five: what is measured is the module, not what else the machine does.
        $times = 1..5 | ForEach-Object { [double](Invoke-CleanShell -WithoutModule "(Measure-Command { Import-Module '$manifest' }).TotalMilliseconds").Output }
        ($times | Measure-Object -Minimum).Minimum | Should -BeLessThan 150
    }

    It 'can be removed and imported again' {
        $shell = Invoke-CleanShell "Remove-Module DbSafety; Import-Module '$manifest'; try { Test-PgBackup /nowhere -ErrorAction Stop } catch { `$_.FullyQualifiedErrorId }"
        $shell.Output | Should -BeLike 'DBS203,*'
    }

    It 'works in several runspaces of a process, also after a runspace removes it' {
        $shell = Invoke-CleanShell "
            1..4 | ForEach-Object -Parallel { Import-Module '$manifest'; try { Test-PgBackup /nowhere -ErrorAction Stop } catch { `$_.Exception.Code }; Remove-Module DbSafety }
            try { Test-PgBackup /nowhere -ErrorAction Stop } catch { `$_.Exception.Code }"
        $shell.Error | Should -BeNullOrEmpty
        $shell.Output -split "`n" | Should -Be @('DBS203', 'DBS203', 'DBS203', 'DBS203', 'DBS203')
    }

    It 'works from a folder with a space in its name' {
        $folder = Join-Path $TestDrive 'a folder'
        New-Item -ItemType Directory $folder
        Copy-Item $manifest $folder
        Copy-Item -Recurse (Join-Path (Split-Path $manifest) 'bin') $folder
        $shell = Invoke-CleanShell -WithoutModule "Import-Module '$folder/DbSafety.psd1' -ErrorAction Stop; try { Test-PgBackup /nowhere -ErrorAction Stop } catch { `$_.Exception.Code }"
        $shell.Error | Should -BeNullOrEmpty
        $shell.Output | Should -Be 'DBS203'
    }
}
