using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Applying;
using DbSafety.Migrations.Live;
using Npgsql;

namespace DbSafety.Migrations.Stages;

/// <summary>An allowed loss that no statement shows. It covers the named object with its partitions, but no dependent objects.</summary>
internal static class HiddenAllowance
{
    private static readonly string[] OfRows = ["drop-table", "drop-materialized-view", "truncate", "delete-rows", RowComparison.OverwriteRule];

    private static readonly string[] OfColumns = ["drop-column", "lossy-type-change", "column-values"];

    /// <returns>Null: it is none.</returns>
    public static MigrationFinding? Parse(string allowance, string schema)
    {
        if (allowance.Split(':', 2) is not [var rule, var thing])
            return null;
        if (rule is "drop-attribute" || (rule is LargeObjectLosses.Rule or LargeObjectLosses.OverwriteRule && thing == LargeObjectLosses.All))
            return Of(rule, thing, null);
        if (!(OfRows.Contains(rule) || OfColumns.Contains(rule)) || SqlSplitter.Split(thing) is not [var only])
            return null;
        var names = only.Tokens.Where(t => t.IsName).Select(t => t.Value).ToList();
        string? column = null;
        if (OfColumns.Contains(rule) && names.Count > 1)
        {
            column = names[^1];
            names.RemoveAt(names.Count - 1);
        }

        if (names.Count is 0 or > 2)
            return null;
        var table = names.Count == 2 ? new RelationName(names[0], names[1]) : new RelationName(schema, names[0]);
        // DROP TABLE … CASCADE also drops tables that inherit from it: they must be allowed separately.
        var reach = rule == "drop-table" ? LiveReach.Partitions : LiveReach.Children;
        return Of(rule, thing, new LiveQuestion(column is null ? LiveFactKind.Rows : LiveFactKind.Values, table, reach) { Column = column });
    }

    /// <summary>With the number of rows or values that would be lost.</summary>
    /// <param name="isCertain">All pending scripts can be analysed, so a name that does not exist in the database is an error.</param>
    /// <returns>Null if no object has this name.</returns>
    public static async Task<MigrationFinding?> CountAsync(NpgsqlConnection connection, MigrationFinding hidden, LiveQuestion question, bool isCertain, CancellationToken ct)
    {
        if (await TableReach.FindAsync(connection, question.Relation, ct) is not { } table)
            return isCertain ? null : hidden;
        try
        {
            // The rows of a foreign table belong to its server.
            if (table.Kind == 'f')
                return hidden;
            var count = await connection.ScalarAsync<long>($"SELECT count({(question.Column is { } column ? SqlName.Quote(column) : "*")}) FROM {(question.Reach == LiveReach.Partitions && table.HasRows ? "ONLY " : "")}{table.Sql}", ct);
            return hidden with { LiveFacts = new Dictionary<string, long> { [question.Column is null ? "rows" : "values"] = count } };
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedColumn)
        {
            return isCertain ? null : hidden;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege)
        {
            return hidden;
        }
    }

    private static MigrationFinding Of(string rule, string thing, LiveQuestion? question) => new()
    {
        Rule = rule,
        Severity = FindingSeverity.Destructive,
        File = "",
        Line = 0,
        Statement = 0,
        Object = thing,
        Message = $"{thing}, in code that cannot be analysed",
        Remedy = "",
        Question = question,
    };
}
