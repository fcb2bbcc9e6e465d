BeforeDiscovery {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    $commands = (Import-PowerShellDataFile (Get-ModuleManifestPath)).CmdletsToExport | ForEach-Object { @{ Name = $_ } }
}

BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    Import-Module (Get-ModuleManifestPath)
}

Describe 'Help of <Name>' -ForEach $commands {
    BeforeAll {
        $help = Get-Help $Name -Full
        $page = Join-Path (Split-Path (Get-ModuleManifestPath)) "docs/commands/$Name.md"
    }

    It 'has a synopsis, a description and examples' {
        $help.Synopsis.Trim() | Should -Not -BeLike "$Name*"
        ($help.Description | Out-String).Trim() | Should -Not -BeNullOrEmpty
        $help.Examples.example.Count | Should -BeGreaterThan 0
    }

    It 'describes every existing parameter, and no other parameter' {
        $common = [System.Management.Automation.PSCmdlet]::CommonParameters
        $there = (Get-Command $Name).Parameters.Keys | Where-Object { $_ -notin $common } | Sort-Object
        $said = $help.parameters.parameter | Where-Object { ($_.description.Text -join '').Trim() } | ForEach-Object name | Sort-Object
        $said | Should -Be $there
    }

    It 'has examples whose commands and parameters exist' {
        foreach ($example in $help.Examples.example) {
            $code = $example.code
            $code | Should -Not -BeNullOrEmpty -Because "example '$($example.title)' has code"
            $problems = $null
            $tree = [System.Management.Automation.Language.Parser]::ParseInput($code, [ref] $null, [ref] $problems)
            $problems | Should -BeNullOrEmpty
            foreach ($command in $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)) {
                $known = Get-Command $command.GetCommandName() -ErrorAction Stop
                foreach ($parameter in $command.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] }) {
                    { $known.ResolveParameter($parameter.ParameterName) } | Should -Not -Throw -Because "$($known.Name) -$($parameter.ParameterName) stands in an example"
                }
            }
        }
    }

    It 'has the synopsis of its Markdown page' {
        $page | Should -Exist
        Get-Content $page -Raw | Should -Match ([regex]::Escape($help.Synopsis.Trim()))
    }
}
