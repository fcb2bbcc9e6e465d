using System.Collections;
using System.Management.Automation;
using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.PowerShell.Cmdlets;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;
using DbSafety.PowerShell.Running;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Swaps;

namespace DbSafety.PowerShell.Commands;

/// <summary>Restores a set beside the live database, verifies it, and swaps the two; the previous database is retained.</summary>
[Cmdlet(VerbsData.Restore, "PgDatabase", DefaultParameterSetName = ByServer, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(PgRestore))]
public sealed class RestorePgDatabaseCommand : DatabaseCmdlet
{
    /// <summary>The set: its manifest or dump.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "Set")]
    [ValidateNotNullOrEmpty]
    [TextOnly]
    [ArgumentCompleter(typeof(BackupCompleter))]
    public string Path { get; set; } = "";

    /// <summary>The database to restore to. It is created if it does not exist. Default: the database that the URL, the file or the environment specifies, else the database of the backup; with a backup on the pipeline, the environment does not count.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public override string? Database { get; set; }

    /// <summary>Allow a set that contains only a part of its database to replace an existing database.</summary>
    [Parameter]
    public SwitchParameter AllowExcerpt { get; set; }

    /// <summary>Allow a set of a database with another name to replace an existing database.</summary>
    [Parameter]
    public SwitchParameter AllowOtherDatabase { get; set; }

    /// <summary>Allow logical replication slots to stay with the retained copy.</summary>
    [Parameter]
    public SwitchParameter AllowSlotLoss { get; set; }

    /// <summary>Create the missing roles of the set from its globals file, with their memberships and settings.</summary>
    [Parameter]
    public SwitchParameter Globals { get; set; }

    /// <summary>The role that restores owns all objects; grants are not restored.</summary>
    [Parameter]
    public SwitchParameter NoOwner { get; set; }

    /// <summary>Maps roles of the backup to roles of this server: @{ old = 'new' }.</summary>
    [Parameter]
    public Hashtable? RoleMap { get; set; }

    /// <summary>Extensions that are not created.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BackupWordCompleter))]
    public string[] SkipExtension { get; set; } = [];

    /// <summary>Restore rows of these tables only, into a new database.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TableCompleter))]
    public string[] Table { get; set; } = [];

    /// <summary>Empty and fill the existing database in one transaction, after a backup into this folder: for roles without the CREATEDB privilege.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? InPlace { get; set; }

    /// <summary>How long to keep databases that earlier restores retained: a number of days or a time span. Older databases are dropped.</summary>
    [Parameter]
    [Age]
    public TimeSpan? KeepFor { get; set; }

    /// <summary>Do not ask for confirmation. Every check still runs.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>The backups of this pipeline by target: lists start with the newest backup, so without this check the oldest would remain.</summary>
    private readonly Dictionary<(string Server, string Database), string> restored = [];

    private protected override bool PipedNameIsTarget => false;

    private protected override void Process()
    {
        var set = ProviderPaths.Literal(this, Path);
        // Where nothing names a database, libpq's default would be a database with the name of the user.
        var target = Database is null && IsUnset("PGDATABASE") && IsUnset("PGSERVICE") ? Target(null, SetOrigin.DatabaseOf(set)) : Target();
        var name = System.IO.Path.GetFileName(set);
        if (!restored.TryAdd((target.Server, target.Database), name) && restored[(target.Server, target.Database)] is var first)
            throw ErrorCatalogue.RestoredTwice.For(target.Database, target.Server, first, name);
        var answer = Consent.Ask(this, Plan(name, target), Question(set, name, target, Force ? null : Run(new ReplacedDatabase(), target)), Force);
        if (answer != Answer.No)
            WriteObject(Run(new RestoreDatabase(), Request(set, target) with { WhatIf = answer == Answer.WhatIf }));
    }

    private static bool IsUnset(string variable) => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));

    private string Plan(string name, DatabaseTarget target) => InPlace is null
        ? $"Restore {name} beside '{target.Database}' on {target.Server}, verify it, then swap; a database '{target.Database}' that exists is retained as '{target.Database}_before_<time>'"
        : $"Back up '{target.Database}' on {target.Server} to {InPlace}, then empty it and fill it from {name} in one transaction";

    private string Question(string set, string name, DatabaseTarget target, string? replaced) =>
        $"Replace {replaced ?? $"'{target.Database}' on {target.Server}"} with {name}{(SetOrigin.Of(set) is { } origin ? $", a backup of {origin}" : "")}? "
        + (InPlace is null ? "The current database is retained" : $"The current database is not retained: it is backed up to {InPlace} first") + LastTook(target, "restore run", "restore") + ".";

    private RestoreRequest Request(string set, DatabaseTarget target) => new(set, target)
    {
        AllowExcerpt = AllowExcerpt,
        AllowOtherDatabase = AllowOtherDatabase,
        AllowSlotLoss = AllowSlotLoss,
        Globals = Globals,
        InPlaceBackup = InPlace is null ? null : ProviderPaths.Literal(this, InPlace),
        KeepFor = KeepFor,
        Options = new RestoreOptions
        {
            NoOwner = NoOwner,
            RoleMap = RoleMap?.Cast<DictionaryEntry>().ToDictionary(e => e.Key.ToString()!, e => e.Value?.ToString() ?? "") ?? [],
            SkipExtensions = SkipExtension,
            Tables = Table,
        },
    };
}
