BeforeAll {
    Import-Module "$PSScriptRoot/CleanShell.psm1"
    Import-Module "$PSScriptRoot/ScratchPostgres.psm1"
    $server = Start-ScratchPostgres
    New-Shop $server 'shop'

    # Lists what is loaded, as "context|assembly|version".
    $list = '[AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { "$([System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name)|$($_.GetName().Name)|$($_.GetName().Version)|$($_.Location)" }'

    # Another Npgsql, as another module would bring one along.
    $project = New-Item -ItemType Directory (Join-Path $TestDrive 'other')
    Set-Content "$project/other.csproj" '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net8.0</TargetFramework><NuGetAudit>false</NuGetAudit><CopyLocalLockFileAssemblies>true</CopyLocalLockFileAssemblies></PropertyGroup><ItemGroup><PackageReference Include="Npgsql" Version="9.0.3" /></ItemGroup></Project>'
    $built = dotnet build $project -o "$project/out" -v quiet 2>&1
    if ($LASTEXITCODE -ne 0) { throw "No other Npgsql could be had: $built" }
    $other = "$project/out/Npgsql.dll"
}

AfterAll { Stop-ScratchPostgres $server }

Describe 'Isolation' {
    It 'loads only the cmdlet assembly and the isolation assembly into the default load context' {
        $shell = Invoke-CleanShell "`$before = [AppDomain]::CurrentDomain.GetAssemblies().FullName; Measure-PgDatabase shop | Out-Null; try { Test-DockerVolume shop -DockerHost unix:///no/such.sock } catch { }; $list"
        $shell.Error | Should -BeNullOrEmpty
        $ours = $shell.Output -split "`n" | Where-Object { $_ -like '*/bin/*' -or $_ -match '\|(Npgsql|Docker\.DotNet|DbSafety)' } | ForEach-Object { ($_ -split '\|')[0..1] -join '|' }
        $ours | Where-Object { $_ -like 'Default|*' } | Sort-Object | Should -Be @('Default|DbSafety.Isolation', 'Default|DbSafety.PowerShell')
        $ours | Should -Contain 'DbSafety|DbSafety.Core'
        $ours | Should -Contain 'DbSafety|Npgsql'
        $ours | Should -Contain 'DbSafety|Docker.DotNet'
    }

    It 'works alongside another Npgsql version, which also works alongside the module' -Tag 'H29' {
        $shell = Invoke-CleanShell "
            Add-Type -Path '$other'
            `$theirs = [Npgsql.NpgsqlConnection]::new('Host=127.0.0.1;Port=$($server.Port);Username=postgres;Password=$($server.Password);Database=shop')
            `$theirs.Open()
            (Backup-PgDatabase shop -Destination '$TestDrive/isolated').Rows
            `$command = `$theirs.CreateCommand(); `$command.CommandText = 'SELECT count(*) FROM orders'; `$command.ExecuteScalar()
            $list"
        $shell.Error | Should -BeNullOrEmpty
        $lines = $shell.Output -split "`n"
        $lines[0] | Should -Be '1100'
        $lines[1] | Should -Be '1000'
        $loaded = $lines | Where-Object { $_ -like '*|Npgsql|*' } | ForEach-Object { ($_ -split '\|')[0, 2] -join '|' }
        $ours = [Reflection.AssemblyName]::GetAssemblyName("$PSScriptRoot/../../bin/core/Npgsql.dll").Version
        $loaded | Sort-Object | Should -Be @("DbSafety|$ours", 'Default|9.0.3.0')
    }
}
