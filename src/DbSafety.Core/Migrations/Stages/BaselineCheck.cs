using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Histories.Reading;
using DbSafety.Migrations.Sources;

namespace DbSafety.Migrations.Stages;

/// <summary>A database that was created without a migration history (Prisma's P3005): the first migration would create tables that already exist.</summary>
internal static class BaselineCheck
{
    /// <exception cref="DbSafetyException"><c>DBS416</c>.</exception>
    public static async Task CheckAsync(SafeMigrationRun run, CancellationToken ct)
    {
        // Another tool's history cannot be written here; the rehearsal shows what its command does.
        if (run.HasHistory || run.Project.Folder.Tool is not null)
            return;
        // Prisma's schema is that of its URL; other tables are created in the first schema of the search_path.
        var schema = run.Project.Folder.Source == MigrationSource.Prisma ? run.Project.Schema : (await SchemaPath.ReadAsync(run.Connection, ct)).First;
        var there = new List<string>();
        // A dropped object may be created again: later statements cannot be judged.
        foreach (var statement in run.Pending.SelectMany(f => SqlSplitter.Split(f.Text)).TakeWhile(s => !s.StartsWith("drop")).Where(s => !s.IsPsqlCommand))
        {
            if (CreatedBy(statement, schema) is { } table && await run.Connection.ScalarAsync<bool>("SELECT to_regclass($1) IS NOT NULL", ct, table.Sql))
                there.Add(table.Display(schema));
        }

        if (there.Count > 0)
        {
            throw ErrorCatalogue.BaselineCheck.For(run.Request.Target.Database, run.Project.History.Name, string.Join(", ", there.Take(10)) + (there.Count > 10 ? $" and {there.Count - 10} more" : ""),
                Advice.Of($"migration resolve \"{run.Request.Path}\" --baseline \"{run.Pending[^1].Name}\""));
        }
    }

    private static RelationName? CreatedBy(SqlStatement statement, string schema)
    {
        var cursor = new TokenCursor(statement.Tokens);
        return cursor.Take("create", "table") && !cursor.Take("if", "not", "exists") ? cursor.TakeRelation(schema) : null;
    }
}
