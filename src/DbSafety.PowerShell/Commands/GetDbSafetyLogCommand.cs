using System.Management.Automation;
using DbSafety.Audit;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;
using DbSafety.PowerShell.Running;

namespace DbSafety.PowerShell.Commands;

/// <summary>Lists the operations that DbSafety has recorded, the newest first.</summary>
[Cmdlet(VerbsCommon.Get, "DbSafetyLog")]
[OutputType(typeof(DbSafetyLogEntry))]
public sealed class GetDbSafetyLogCommand : OperationCmdlet
{
    /// <summary>Only operations on this database. A pattern is accepted, but the name of a database from the pipeline is no pattern.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [TextOnly]
    [ArgumentCompleter(typeof(LogCompleter))]
    public string? Database { get; set; }

    /// <summary>Only operations of this cmdlet. A pattern is accepted.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LogCompleter))]
    public string? Operation { get; set; }

    /// <summary>Only operations with these outcomes.</summary>
    [Parameter]
    public LogOutcome[] Outcome { get; set; } = [];

    /// <summary>Only operations that started at this time or later.</summary>
    [Parameter]
    public DateTimeOffset? Since { get; set; }

    /// <summary>A folder with log files. Default: that of this user.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    private protected override void Process()
    {
        var request = new LogRequest { Folder = Path is null ? null : ProviderPaths.Literal(this, Path), Since = Since };
        foreach (var entry in Run(new ReadLog(), request))
        {
            if (FitsDatabase(entry.Database) && Fits(Operation, entry.Operation) && (Outcome.Length == 0 || Outcome.Contains(entry.Outcome)))
                WriteObject(entry);
        }
    }

    /// <summary>Names of databases are case-sensitive, and those from the pipeline can contain brackets.</summary>
    private bool FitsDatabase(string? name) =>
        Database is null || Database == name || (name is not null && !MyInvocation.ExpectingInput && new WildcardPattern(Database).IsMatch(name));

    private static bool Fits(string? pattern, string? value) =>
        pattern is null || pattern == value || (value is not null && new WildcardPattern(pattern, WildcardOptions.IgnoreCase).IsMatch(value));
}
