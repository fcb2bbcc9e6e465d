using System.Management.Automation;
using DbSafety.Databases;
using DbSafety.Databases.Connections;
using DbSafety.Operations;
using DbSafety.PowerShell.Cmdlets;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;
using DbSafety.PowerShell.Running;
using DbSafety.PowerShell.Views;
using DbSafety.Restores.Retained;

namespace DbSafety.PowerShell.Commands;

/// <summary>Drops databases that restores, undos and migrations retained.</summary>
[Cmdlet(VerbsCommon.Remove, "PgRetainedDatabase", DefaultParameterSetName = ByServer, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(PgRetainedDatabase))]
public sealed class RemovePgRetainedDatabaseCommand : DatabaseCmdlet
{
    /// <summary>The retained databases to drop: their own names, or patterns.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [TextOnly]
    [ArgumentCompleter(typeof(RetainedCompleter))]
    public new string[] Name { get; set; } = [];

    /// <summary>Only retained databases of this database. Default: all databases.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public override string? Database { get; set; }

    /// <summary>The age after which retained databases are dropped: a number of days or a time span.</summary>
    [Parameter]
    [Age]
    public TimeSpan? KeepFor { get; set; }

    /// <summary>Do not ask for confirmation. Every check still runs.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private bool several;

    /// <summary>A database that is not dropped does not stop the others.</summary>
    private protected override bool EndsOnError => base.EndsOnError && !several;

    private protected override DatabaseTarget OfInput(IDatabaseObject input) => input is PgRetainedDatabase retained ? retained.ToTarget().On(retained.Database) : base.OfInput(input);

    private protected override void Process()
    {
        var target = Target(null, null);
        // A piped database that is retained itself is to be dropped; any other selects its retained databases.
        var (names, of) = InputObject is PgDatabase { IsRetained: true } piped ? ([piped.Database], null) : (Name, Database);
        var plan = Run(new PlanRetainedRemovals(), new RetainedRemovalRequest(target) { Names = names, Database = of, KeepFor = KeepFor });
        several = plan.Count > 1;
        foreach (var planned in plan)
            Attempt(() => Drop(InputObject as PgRetainedDatabase ?? planned, target));
    }

    private void Drop(PgRetainedDatabase retained, DatabaseTarget target)
    {
        var what = $"the retained database '{retained.Name}' of '{retained.Database}' on {target.Server} ({ByteSize.Text(retained.Bytes ?? 0)}, retained since {Readable.Time(retained.RetainedAt)})";
        if (Consent.Ask(this, $"Drop {what}", $"Drop {what}? This cannot be undone.", Force) == Answer.Yes)
            WriteObject(Run(new RemoveRetained(), new RetainedDropRequest(retained, target)));
    }
}
