using System.Management.Automation;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;

namespace DbSafety.PowerShell.Cmdlets;

/// <summary>A cmdlet whose input is a database: it accepts a name on the pipeline or as the first argument.</summary>
public abstract class PipedDatabaseCmdlet : DatabaseCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [TextOnly]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public override string? Database { get; set; }
}
