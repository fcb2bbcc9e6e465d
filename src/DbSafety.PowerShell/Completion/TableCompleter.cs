using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Tables;
using DbSafety.Operations;
using DbSafety.PowerShell.Views;

namespace DbSafety.PowerShell.Completion;

/// <summary>Tables, or for -Schema their schemas: of the backup in -Path, or of the database that the line specifies, in the format of pg_dump's patterns.</summary>
public sealed class TableCompleter : PromptCompleter
{
    private protected override async Task<IEnumerable<PromptAnswer>> FindAsync(PromptLine line, CancellationToken ct)
    {
        if (await BackupCompleter.ReadAsync(line.Path, ct) is { } backup)
            return backup.Manifest.Tables.Select(t => new PromptAnswer(SqlName.Display(t.Schema, t.Name), $"{Readable.Count(t.Rows)} rows"));
        var tables = await line.AskAsync(target => new ListTables().RunAsync(new DatabaseListRequest(target), OperationEvents.None, ct), ct);
        return line.Parameter == "Schema"
            ? tables.GroupBy(t => t.Schema).Select(s => new PromptAnswer(SqlName.Display(s.Key), $"{s.Count()} tables"))
            : tables.Select(t => new PromptAnswer(t.ToString()));
    }
}
