@{
    RootModule = 'bin/DbSafety.PowerShell.dll'
    # Loaded before the root module: it resolves DbSafety.Core and its packages, isolated from other modules.
    NestedModules = @('bin/DbSafety.Isolation.dll')
    ModuleVersion = '0.1.0'
    GUID = '4a3af250-2930-47ea-834c-0f4ee67d54b1'
    Author = 'DbSafety contributors'
    CompanyName = 'DbSafety contributors'
    Copyright = '(c) DbSafety contributors. MIT License.'
    Description = 'Protects PostgreSQL data: verified backups, restores that can be undone, rehearsed migrations, Docker volume checks.'
    PowerShellVersion = '7.6'
    CompatiblePSEditions = @('Core')
    FormatsToProcess = @('bin/DbSafety.Format.ps1xml')
    CmdletsToExport = @(
        'Backup-PgDatabase'
        'Compare-PgDatabase'
        'Find-PgDockerVolume'
        'Get-DbSafetyLog'
        'Get-PgBackup'
        'Get-PgDatabase'
        'Get-PgLastBackup'
        'Get-PgMigration'
        'Get-PgRetainedDatabase'
        'Invoke-SafeMigration'
        'Measure-PgDatabase'
        'Remove-PgBackup'
        'Remove-PgRetainedDatabase'
        'Resolve-PgMigration'
        'Restore-PgDatabase'
        'Test-DockerVolume'
        'Test-PgBackup'
        'Test-PgMigration'
        'Undo-PgRestore'
    )
    FunctionsToExport = @()
    VariablesToExport = @()
    AliasesToExport = @()
    PrivateData = @{
        PSData = @{
            Tags = @('PostgreSQL', 'Backup', 'Restore', 'Migration', 'Prisma', 'Drizzle', 'Docker', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
            ReleaseNotes = 'The first version: backups with verified row counts, restores beside the live database that one command undoes, migrations rehearsed on a copy, checks of Docker volumes.'
            LicenseUri = 'https://opensource.org/license/mit'
        }
    }
}
