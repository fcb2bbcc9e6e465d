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

/// <summary>Restores a set beside the live database, verifies it, then swaps; the old database is kept.</summary>
[Cmdlet(VerbsData.Restore, "PgDatabase", DefaultParameterSetName = ByServer, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(PgRestore))]
public sealed class RestorePgDatabaseCommand : DatabaseCmdlet
{
    /// <summary>The set: its manifest or payload.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "Set")]
    [ValidateNotNullOrEmpty]
    [TextOnly]
    [ArgumentCompleter(typeof(BackupCompleter))]
    public string Path { get; set; } = "";

    /// <summary>The database to restore to, made if it is not there; left out with a backup on the pipeline: the one it was made of.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public override string? Database { get; set; }

    /// <summary>A set that holds a part of its database may take the place of a live one.</summary>
    [Parameter]
    public SwitchParameter AllowExcerpt { get; set; }

    /// <summary>Specifies that a set of a database with another name may take the place of a live one.</summary>
    [Parameter]
    public SwitchParameter AllowOtherDatabase { get; set; }

    /// <summary>Specifies that logical replication slots may stay with the retained copy.</summary>
    [Parameter]
    public SwitchParameter AllowSlotLoss { get; set; }

    /// <summary>Make the roles of the set that the server lacks, with their memberships and settings, as its globals file says.</summary>
    [Parameter]
    public SwitchParameter Globals { get; set; }

    /// <summary>Everything belongs to the restoring role, and grants are left out.</summary>
    [Parameter]
    public SwitchParameter NoOwner { get; set; }

    /// <summary>Roles of the backup and whom to take on this server: @{ old = 'new' }.</summary>
    [Parameter]
    public Hashtable? RoleMap { get; set; }

    /// <summary>Extensions that are not made.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BackupWordCompleter))]
    public string[] SkipExtension { get; set; } = [];

    /// <summary>Rows of these tables only, into a database that is not there yet.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TableCompleter))]
    public string[] Table { get; set; } = [];

    /// <summary>Empty and fill the database itself in one transaction, after a backup into this folder: for roles that may not make databases.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? InPlace { get; set; }

    /// <summary>Drop databases that earlier restores retained longer ago than that: a number of days or a time span.</summary>
    [Parameter]
    [Age]
    public TimeSpan? KeepFor { get; set; }

    /// <summary>Do not ask. Every check is still made.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>The backups of this pipeline by where they went: lists have the newest first, and the oldest would be what remains.</summary>
    private readonly Dictionary<(string Server, string Database), string> restored = [];

    private protected override bool PipedNameIsTarget => false;

    private protected override void Process()
    {
        var target = Target();
        var set = ProviderPaths.Literal(this, Path);
        var name = System.IO.Path.GetFileName(set);
        if (!restored.TryAdd((target.Server, target.Database), name) && restored[(target.Server, target.Database)] is var first)
            throw ErrorCatalogue.RestoredTwice.For(target.Database, target.Server, first, name);
        var answer = Consent.Ask(this, Plan(name, target), Question(set, name, target, Force ? null : Run(new ReplacedDatabase(), target)), Force);
        if (answer != Answer.No)
            WriteObject(Run(new RestoreDatabase(), Request(set, target) with { WhatIf = answer == Answer.WhatIf }));
    }

    private string Plan(string name, DatabaseTarget target) => InPlace is null
        ? $"Restore {name} beside '{target.Database}' on {target.Server}, verify it, then swap; what is '{target.Database}' now is kept as '{target.Database}_before_<time>'"
        : $"Back up '{target.Database}' on {target.Server} to {InPlace}, then empty it and fill it from {name} in one transaction";

    private static string Question(string set, string name, DatabaseTarget target, string? replaced) =>
        $"Put {name}{(SetOrigin.Of(set) is { } origin ? $", a backup of {origin}," : "")} in the place of {replaced ?? $"'{target.Database}' on {target.Server}"}? What is there now is kept.";

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
