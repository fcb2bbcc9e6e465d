using System.Text;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups.Sets;
using DbSafety.Databases.Tables;
using DbSafety.Operations;

namespace DbSafety.Restores.Filling.Scripts;

/// <summary>
/// What a script needs if its objects depend on search_path, as recorded by the backup: the search_path of its database instead of the empty path that
/// pg_dump sets. PostgreSQL 17 and later always populate a materialized view with a safe path, so those that depend on it stay empty there.
/// </summary>
/// <param name="Path">Null: no object does.</param>
/// <param name="Unfilled">Materialized views that stay empty, as the script names them.</param>
internal sealed record ScriptPath(string? Path, IReadOnlyCollection<string> Unfilled)
{
    private const string View = "materialized view ", Empty = "SELECT pg_catalog.set_config('search_path', '', false);";

    private const int SafeMaintenance = 17;

    /// <param name="major">Of the server.</param>
    public static ScriptPath Of(PgBackup backup, int major)
    {
        if (backup.Manifest.DependOnSearchPath is not { } objects || SearchPath.Of(backup.Manifest.SearchPaths, backup.Manifest.Properties) is not [var path, ..])
            return new ScriptPath(null, []);
        return new ScriptPath(path, major < SafeMaintenance ? [] : [.. objects.Where(o => o.StartsWith(View, StringComparison.Ordinal)).Select(o => o[View.Length..])]);
    }

    /// <summary>The statements that come first.</summary>
    public byte[] Start => Path is null ? [] : Encoding.UTF8.GetBytes($"SELECT pg_catalog.set_config('search_path', {SqlName.Literal(Path)}, false);\n");

    public bool IsLeftOut(string statement) => Path is not null && statement.Trim() is var text && (text == Empty || Unfilled.Any(v => text == $"REFRESH MATERIALIZED VIEW {v};"));

    public void Report(IOperationEvents events)
    {
        foreach (var view in Unfilled)
            events.Warning($"materialized view {view} is not populated: it calls a function that depends on search_path, and PostgreSQL {SafeMaintenance} and later set a safe search_path to populate it; set a search_path for the function (ALTER FUNCTION ... SET search_path = ...), then REFRESH MATERIALIZED VIEW");
    }
}
