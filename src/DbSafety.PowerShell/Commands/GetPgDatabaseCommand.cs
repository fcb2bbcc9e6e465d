using System.Management.Automation;
using DbSafety.Databases;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.PowerShell.Cmdlets;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;

namespace DbSafety.PowerShell.Commands;

/// <summary>Lists the databases of a server.</summary>
[Cmdlet(VerbsCommon.Get, "PgDatabase", DefaultParameterSetName = ByServer)]
[OutputType(typeof(PgDatabase))]
public sealed class GetPgDatabaseCommand : DatabaseCmdlet
{
    /// <summary>A name or a pattern. Default: all databases.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [TextOnly]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public override string? Database { get; set; }

    /// <summary>List databases that DbSafety retained or is creating, too. The complete name of one of them is always found.</summary>
    [Parameter]
    public SwitchParameter IncludeRetained { get; set; }

    private protected override void Process()
    {
        var target = Target(null, null);
        var all = Run(new ListDatabases(), new DatabaseListRequest(target));
        var pattern = Database is null ? null : new WildcardPattern(Database, WildcardOptions.None);
        var found = all.Where(d => d.Database == Database || ((IncludeRetained || !d.IsRetained) && pattern?.IsMatch(d.Database) != false)).ToList();
        if (found.Count == 0 && Database is not null && !WildcardPattern.ContainsWildcardCharacters(Database))
            throw ErrorCatalogue.DatabaseUnknown.For(target.Server, Database, string.Join(", ", all));
        WriteObject(found, enumerateCollection: true);
    }
}
