using System.Management.Automation;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Backups.Volumes;
using DbSafety.Databases.Tables;
using DbSafety.Operations;
using DbSafety.PowerShell.Cmdlets;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;
using DbSafety.PowerShell.Running;

namespace DbSafety.PowerShell.Commands;

/// <summary>Writes a verified backup set.</summary>
[Cmdlet(VerbsData.Backup, "PgDatabase", DefaultParameterSetName = ByServer, SupportsShouldProcess = true)]
[OutputType(typeof(PgBackup))]
public sealed class BackupPgDatabaseCommand : PipedDatabaseCmdlet
{
    private const string ByVolume = "Volume";

    /// <summary>The folder that the set is written to. It is created if it does not exist.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    /// <summary>The environment, such as prod; part of the set's name.</summary>
    [Parameter]
    [ValidatePattern("^[A-Za-z0-9.-]+$")]
    [ArgumentCompleter(typeof(BackupWordCompleter))]
    public string Environment { get; set; } = "default";

    [Parameter]
    public BackupFormat Format { get; set; } = BackupFormat.Custom;

    /// <summary>Labels to find the set by.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BackupWordCompleter))]
    public string[] Label { get; set; } = [];

    /// <summary>No backup is created if an intact backup of the database is at most this old: a number of days or a time span.</summary>
    [Parameter]
    [Age(RemovesNothing = true)]
    public TimeSpan? MaxAge { get; set; }

    /// <summary>Write the roles' password hashes to the globals file too.</summary>
    [Parameter]
    public SwitchParameter IncludePasswords { get; set; }

    /// <summary>Also back up the server's settings, pg_hba.conf and pg_ident.conf, as far as the role can read them.</summary>
    [Parameter]
    public SwitchParameter IncludeServerSettings { get; set; }

    /// <summary>Hash the rows of every table in addition to counting them.</summary>
    [Parameter]
    public SwitchParameter Checksum { get; set; }

    /// <summary>The compression level. 0: no compression; zstd 1 to 19, gzip 1 to 9.</summary>
    [Parameter]
    [ValidateRange(0, 19)]
    public int? CompressionLevel { get; set; }

    /// <summary>The number of processor cores to dump, count and compress with. Default: all cores.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int? Jobs { get; set; }

    /// <summary>The tables to back up: patterns in the format of pg_dump.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TableCompleter))]
    public string[] Table { get; set; } = [];

    /// <summary>The tables to exclude.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TableCompleter))]
    public string[] ExcludeTable { get; set; } = [];

    /// <summary>Only these schemas.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TableCompleter))]
    public string[] Schema { get; set; } = [];

    /// <summary>Definitions without rows.</summary>
    [Parameter]
    public SwitchParameter SchemaOnly { get; set; }

    /// <summary>Rows without definitions.</summary>
    [Parameter]
    public SwitchParameter DataOnly { get; set; }

    /// <summary>A Docker volume that no running container uses: its cluster is read in a temporary container, and the volume is not changed.</summary>
    [Parameter(ParameterSetName = ByVolume, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    public string? Volume { get; set; }

    /// <summary>The image that reads the volume, if the official image of the cluster's version cannot read it.</summary>
    [Parameter(ParameterSetName = ByVolume)]
    [ValidateNotNullOrEmpty]
    public string? Image { get; set; }

    private protected override void Process()
    {
        if (Volume is not null)
        {
            BackUpVolume(Volume);
            return;
        }

        var target = Target();
        var destination = ProviderPaths.Literal(this, Destination);
        var plan = $"Back up '{target.Database}' on {target.Server} to {destination}, and verify what was written{Unless}{LastTook(target, "backup create", "backup")}";
        if (Consent.Ask(this, plan, $"Back up '{target.Database}' on {target.Server} to {destination}?", force: false) != Answer.Yes)
            return;
        WriteObject(Run(new BackupDatabase(), new BackupRequest(target, Settings(destination))));
    }

    private void BackUpVolume(string volume)
    {
        var destination = ProviderPaths.Literal(this, Destination);
        if (Consent.Ask(this, $"Back up the databases on the volume {volume} to {destination}; the volume is not changed{Unless}", $"Back up the volume {volume} to {destination}?", force: false) != Answer.Yes)
            return;
        var request = new VolumeBackupRequest(volume, Settings(destination))
        {
            Database = Database,
            Image = Image,
            DockerHost = DockerHost,
            DockerContext = DockerContext,
        };
        WriteObject(Run(new BackupVolume(), request), enumerateCollection: true);
    }

    private string Unless => MaxAge is { } age ? $", unless an intact backup there is at most {AgeText.Of(age)} old" : "";

    private BackupSettings Settings(string destination) => new(destination)
    {
        Environment = Environment,
        Format = Format,
        Labels = Label,
        MaxAge = MaxAge,
        IncludePasswords = IncludePasswords,
        IncludeServerSettings = IncludeServerSettings,
        Checksum = Checksum,
        CompressionLevel = CompressionLevel,
        Jobs = Jobs ?? 0,
        Selection = new BackupSelection { Tables = Table, ExcludeTables = ExcludeTable, Schemas = Schema, SchemaOnly = SchemaOnly, DataOnly = DataOnly },
    };
}
