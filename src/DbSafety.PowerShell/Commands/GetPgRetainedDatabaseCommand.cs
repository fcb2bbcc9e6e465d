using System.Management.Automation;
using DbSafety.PowerShell.Cmdlets;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;
using DbSafety.Restores.Retained;

namespace DbSafety.PowerShell.Commands;

/// <summary>Lists the databases that restores, undos and migrations retained.</summary>
[Cmdlet(VerbsCommon.Get, "PgRetainedDatabase", DefaultParameterSetName = ByServer)]
[OutputType(typeof(PgRetainedDatabase))]
public sealed class GetPgRetainedDatabaseCommand : DatabaseCmdlet
{
    /// <summary>The database that they were: a name or a pattern. Default: all databases.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [TextOnly]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public override string? Database { get; set; }

    private protected override void Process() =>
        WriteObject(Run(new ListRetained(), new RetainedListRequest(Target(null, null)) { Database = Database }), enumerateCollection: true);
}
