using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Applying;
using DbSafety.Migrations.Live;
using Npgsql;

namespace DbSafety.Migrations.Stages;

/// <summary>A loss that is allowed though no statement shows it. It covers what it names, with its partitions, and nothing that goes along with that.</summary>
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
        // DROP TABLE … CASCADE takes tables along that inherit from it: they are allowed by themselves.
        var reach = rule == "drop-table" ? LiveReach.Partitions : LiveReach.Children;
        return Of(rule, thing, new LiveQuestion(column is null ? LiveFactKind.Rows : LiveFactKind.Values, table, reach) { Column = column });
    }

    /// <summary>With what is there to be lost.</summary>
    /// <param name="isCertain">Nothing pending is opaque: a name that the database does not have is a mistake.</param>
    /// <returns>Null: there is nothing of that name.</returns>
    public static async Task<MigrationFinding?> CountAsync(NpgsqlConnection connection, MigrationFinding hidden, bool isCertain, CancellationToken ct)
    {
        if (hidden.Question is not { } question)
            return hidden;
        if (await TableReach.FindAsync(connection, question.Relation, ct) is not { } table)
            return isCertain ? null : hidden;
        try
        {
            // The number of a foreign table is its server's.
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
        Message = $"{thing}, in statements that cannot be analysed",
        Remedy = "",
        Question = question,
    };
}
