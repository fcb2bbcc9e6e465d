# The package as users get it: made by the one command, installed from a folder that is registered as a repository, updated, removed.

BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    $root = Split-Path (Get-ModuleManifestPath)
    $version = (Import-PowerShellDataFile "$root/DbSafety.psd1").ModuleVersion
    $said = dotnet pack "$root/src/DbSafety.PowerShell" -o "$TestDrive/packages" -v quiet 2>&1
    if ($LASTEXITCODE -ne 0) { throw "The package could not be made: $said" }
    $package = "$TestDrive/packages/DbSafety.$version.nupkg"
    $home2 = (New-Item -ItemType Directory "$TestDrive/home").FullName

    # Runs the block's text as a user with an empty profile, who has installed nothing.
    function Invoke-AsNewUser([string] $Script) {
        $kept = $env:HOME, $env:PSModulePath, $env:XDG_DATA_HOME
        $env:HOME, $env:PSModulePath, $env:XDG_DATA_HOME = $home2, $null, $null
        try { Invoke-CleanShell -WithoutModule $Script } finally { $env:HOME, $env:PSModulePath, $env:XDG_DATA_HOME = $kept }
    }

    # The same package with a later version.
    function New-LaterPackage([string] $Later) {
        $copy = Copy-Item $package "$TestDrive/packages/DbSafety.$Later.nupkg" -PassThru
        $zip = [IO.Compression.ZipFile]::Open($copy.FullName, 'Update')
        try {
            foreach ($name in 'DbSafety.psd1', 'DbSafety.nuspec') {
                $reader = [IO.StreamReader]::new($zip.GetEntry($name).Open())
                $text = $reader.ReadToEnd().Replace("ModuleVersion = '$version'", "ModuleVersion = '$Later'").Replace("<version>$version<", "<version>$Later<")
                $reader.Dispose()
                $zip.GetEntry($name).Delete()
                $writer = [IO.StreamWriter]::new($zip.CreateEntry($name).Open())
                $writer.Write($text)
                $writer.Dispose()
            }
        }
        finally { $zip.Dispose() }
    }
}

Describe 'The package' {
    It 'contains only the manifest, bin and en-US, and is smaller than 12 MB' {
        (Get-Item $package).Length | Should -BeLessThan 12MB
        $zip = [IO.Compression.ZipFile]::OpenRead($package)
        $names = $zip.Entries.FullName | Where-Object { $_ -notmatch '^(_rels/|package/|\[Content_Types\]\.xml|DbSafety\.nuspec)' }
        $zip.Dispose()
        $names | ForEach-Object { ($_ -split '/')[0] } | Sort-Object -Unique | Should -Be bin, DbSafety.psd1, en-US
        $names | Should -Contain 'bin/core/Npgsql.dll'
        $names | Should -Contain 'bin/core/Docker.DotNet.dll'
        $names | Should -Contain 'en-US/about_DbSafety.help.txt'
        $names | Where-Object { $_ -match '\.(pdb|xml|so|dylib)$' } | Should -Be 'en-US/DbSafety.PowerShell.dll-Help.xml'
    }

    It 'contains the metadata that the PowerShell Gallery uses' {
        $zip = [IO.Compression.ZipFile]::OpenRead($package)
        $reader = [IO.StreamReader]::new($zip.GetEntry('DbSafety.nuspec').Open())
        $about = ([xml] $reader.ReadToEnd()).package.metadata
        $zip.Dispose()
        $about.id, $about.version | Should -Be DbSafety, $version
        $about.releaseNotes | Should -Not -BeNullOrEmpty
        $tags = $about.tags -split ' '
        $tags | Should -Contain PSModule
        $tags | Should -Contain PSEdition_Core
        foreach ($cmdlet in (Import-PowerShellDataFile "$root/DbSafety.psd1").CmdletsToExport) { $tags | Should -Contain "PSCmdlet_$cmdlet" }
    }

    It 'is installed for a user by name, imported by name, updated side by side, and removed' {
        if (Get-Module -ListAvailable Microsoft.PowerShell.PSResourceGet) {
            New-LaterPackage 9.9.9
            $shell = Invoke-AsNewUser "
                `$ErrorActionPreference = 'Stop'
                Register-PSResourceRepository -Name local -Uri '$TestDrive/packages' -Trusted
                Install-PSResource DbSafety -Version $version -Repository local
                'installed ' + (Get-PSResource DbSafety).Version
                Import-Module DbSafety
                'cmdlets ' + (Get-Command -Module DbSafety).Count
                try { Test-PgBackup /nowhere } catch { 'works ' + `$_.Exception.Code }
                Update-PSResource DbSafety -Repository local
                'both ' + ((Get-Module -ListAvailable DbSafety).Version -join ' ')
                Remove-Module DbSafety
                Uninstall-PSResource DbSafety -Version '*'
                'left ' + @(Get-Module -ListAvailable DbSafety).Count"
        }
        else {
            # What Install-PSResource does: the package's files, without the package's own, in a folder named after the version.
            $target = New-Item -ItemType Directory "$home2/.local/share/powershell/Modules/DbSafety/$version"
            [IO.Compression.ZipFile]::ExtractToDirectory($package, $target)
            Remove-Item -Recurse -LiteralPath "$target/_rels", "$target/package", "$target/[Content_Types].xml", "$target/DbSafety.nuspec"
            $later = Copy-Item -Recurse $target "$home2/.local/share/powershell/Modules/DbSafety/9.9.9" -PassThru | Select-Object -First 1
            Set-Content "$later/DbSafety.psd1" ((Get-Content -Raw "$target/DbSafety.psd1").Replace("ModuleVersion = '$version'", "ModuleVersion = '9.9.9'"))
            $shell = Invoke-AsNewUser "
                'installed $version'
                Import-Module DbSafety -RequiredVersion $version
                'cmdlets ' + (Get-Command -Module DbSafety).Count
                try { Test-PgBackup /nowhere -ErrorAction Stop } catch { 'works ' + `$_.Exception.Code }
                'both ' + ((Get-Module -ListAvailable DbSafety).Version -join ' ')
                Remove-Module DbSafety
                Remove-Item -Recurse '$home2/.local/share/powershell/Modules/DbSafety'
                'left ' + @(Get-Module -ListAvailable DbSafety).Count"
        }

        $shell.Error | Should -BeNullOrEmpty
        $cmdlets = (Import-PowerShellDataFile "$root/DbSafety.psd1").CmdletsToExport.Count
        $shell.Output -split "`n" | Should -Be "installed $version", "cmdlets $cmdlets", 'works DBS203', "both 9.9.9 $version", 'left 0'
    }
}

Describe 'The manifest' {
    It 'passes Test-ModuleManifest without warnings or errors' {
        $null = Test-ModuleManifest "$root/DbSafety.psd1" -WarningVariable warnings -ErrorVariable errors
        @($warnings) + @($errors) | Should -BeNullOrEmpty
    }

    It 'lists its exports without wildcards, and specifies tags and release notes' {
        $manifest = Import-PowerShellDataFile "$root/DbSafety.psd1"
        $manifest.CmdletsToExport | Should -Not -Contain '*'
        $manifest.FunctionsToExport + $manifest.AliasesToExport + $manifest.VariablesToExport | Should -BeNullOrEmpty
        $manifest.PrivateData.PSData.Tags | Should -Contain PostgreSQL
        $manifest.PrivateData.PSData.ReleaseNotes | Should -Not -BeNullOrEmpty
    }
}
