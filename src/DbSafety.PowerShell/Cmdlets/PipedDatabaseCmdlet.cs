using System.Management.Automation;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;

namespace DbSafety.PowerShell.Cmdlets;

/// <summary>A cmdlet whose natural input is a database: a name on the pipeline or as the first argument will do.</summary>
public abstract class PipedDatabaseCmdlet : DatabaseCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [TextOnly]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public override string? Database { get; set; }
}
