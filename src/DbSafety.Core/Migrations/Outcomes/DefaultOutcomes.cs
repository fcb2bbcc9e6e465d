using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.TypeChanges;
using Npgsql;

namespace DbSafety.Migrations.Outcomes;

/// <summary>Whether a default has the type of its column: PostgreSQL converts literals immediately, and needs a cast for other expressions.</summary>
internal sealed class DefaultOutcomes(NpgsqlConnection connection)
{
    private const uint Text = 25;

    /// <param name="type">The column's type, as written or as in the catalog.</param>
    public async Task<Outcome?> ReadAsync(string column, string value, string type, CancellationToken ct)
    {
        if (type.Length == 0 || SqlSplitter.Split(value) is not [{ Tokens: { Count: > 0 } tokens }] || tokens.Any(t => t.Kind == SqlTokenKind.Parameter))
            return null;
        return tokens is [{ Kind: SqlTokenKind.Text } literal] ? await LiteralAsync(column, literal, type, ct) : await ExpressionAsync(column, value, type, ct);
    }

    /// <summary>For built-in types and enums: their input functions have no side effects. A reg… type looks up objects that the scripts may create.</summary>
    private async Task<Outcome?> LiteralAsync(string column, SqlToken literal, string type, CancellationToken ct)
    {
        var name = await connection.ScalarAsync<string>(
            """
            SELECT pg_catalog.format_type(t.oid, -1) FROM pg_catalog.pg_type t
            WHERE t.oid = pg_catalog.to_regtype($1) AND t.typname NOT LIKE 'reg%' AND (t.typtype = 'e' OR (t.typtype IN ('b', 'r', 'm') AND t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace))
            """, ct, type);
        if (name is null)
            return null;
        try
        {
            await connection.ExecuteAsync($"SELECT ({literal.Written})::{name}", ct);
            return null;
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("22", StringComparison.Ordinal))
        {
            return Outcome.Refused($"{e.MessageText} (the default of column {SqlName.Quote(column)})");
        }
    }

    /// <summary>It is only analysed.</summary>
    private async Task<Outcome?> ExpressionAsync(string column, string value, string type, CancellationToken ct)
    {
        var types = new TypeCatalog(connection);
        var from = await types.OfExpressionAsync(value, "(SELECT) AS dbsafety_nothing", ct);
        // It may be a literal in parentheses, which is not yet recognized as a literal.
        if (from == Text)
            return null;
        var (given, needed) = (await types.ReadAsync(from, null, ct), await types.ReadAsync(type, ct));
        return given.BaseKind != 'p' && await new CastPaths(connection, types).FindAsync(given, needed, isExplicit: false, ct) == CastKind.None
            ? Outcome.Refused($"column {SqlName.Quote(column)} is of type {needed.BareName} but default expression is of type {given.Name}") : null;
    }
}
