using System.Management.Automation;
using DbSafety.Migrations.Sources;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;

namespace DbSafety.PowerShell.Cmdlets;

/// <summary>A cmdlet for the migrations in a folder and a database.</summary>
public abstract class MigrationCmdlet : DatabaseCmdlet
{
    /// <summary>A Prisma or Drizzle project, its migrations folder, or a folder of SQL files. Default: the current folder.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    [TextOnly]
    public virtual string Path { get; set; } = ".";

    /// <summary>The database of the migrations.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public override string? Database { get; set; }

    /// <summary>Sql: the folder's files are plain SQL files, even if their names match another tool. By default the tool is determined from the folder.</summary>
    [Parameter]
    [ValidateSet(nameof(MigrationSource.Sql))]
    public MigrationSource? Source { get; set; }

    private protected string Folder => ProviderPaths.Literal(this, Path);
}
