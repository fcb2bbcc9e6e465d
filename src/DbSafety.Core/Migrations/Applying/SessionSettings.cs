using DbSafety.Analysis.Scripts;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Sources;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>The settings that the finished statements of a script have made in their session, for a new session that continues after them.</summary>
internal static class SessionSettings
{
    /// <exception cref="DbSafetyException"><c>DBS432</c> an object that they created ended with their session.</exception>
    public static async Task RestoreAsync(NpgsqlConnection connection, MigrationFile file, IEnumerable<ScriptUnit> through, CancellationToken ct)
    {
        foreach (var statement in through.Where(u => !u.RollsBack).SelectMany(u => u.Statements))
        {
            if (IsTemporary(statement))
                throw ErrorCatalogue.ResumeRefused.For(file.Name, $"line {statement.Line} created an object or setting that ended with its session: {statement.Excerpt}", $"Check which statements were applied, run the remaining statements by hand, and mark the script as applied: {Advice.Of($"migration resolve")}.");
            if (Sets(statement))
                await connection.ExecuteAsync(statement.Text, ct);
        }
    }

    private static bool Sets(SqlStatement s) =>
        (s.StartsWith("set") && !s.StartsWith("set", "local") && !s.StartsWith("set", "transaction") && !s.StartsWith("set", "constraints"))
        || s.StartsWith("reset")
        || s.StartsWith("select", "set_config") || (s.StartsWith("select", "pg_catalog") && s.Tokens.Count > 3 && s.Tokens[3].Is("set_config"));

    private static bool IsTemporary(SqlStatement s) =>
        s.StartsWith("create") && s.Tokens.Skip(1).TakeWhile(t => !t.Is("table") && !t.Is("view") && !t.Is("sequence") && !t.IsMark('(')).Any(t => t.Is("temp") || t.Is("temporary"))
        && !(s.Contains("commit") && s.Tokens[^1].Is("drop")) && !s.Tokens.Skip(2).Any(t => t.Is("function") || t.Is("procedure"));
}
