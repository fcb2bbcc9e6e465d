using DbSafety.Analysis;
using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// A statement that destroys, and was let through because a count showed that nothing is there to lose. What is counted can change until the statement
/// runs, so it is counted again under a lock (<see cref="HarmlessProof"/>).
/// </summary>
/// <param name="Finding">As it was lowered.</param>
/// <param name="Oid">The table, schema or type, which no renaming changes.</param>
/// <param name="Column">The column's number; 0: none is named.</param>
internal sealed record HarmlessClaim(MigrationFinding Finding, LiveQuestion Question, uint Oid, short Column)
{
    /// <summary>The mode that DROP, TRUNCATE and most forms of ALTER TABLE take.</summary>
    public const string Strongest = "ACCESS EXCLUSIVE";

    private static readonly string[] RowChanges = ["delete-rows", "delete-without-where", "update-without-where"];

    /// <summary>Which script runs it.</summary>
    public string File => Finding.RunsAt?.File ?? Finding.File;

    /// <summary>1-based place of the statement in its script; 0: it is hidden somewhere in the scripts.</summary>
    public int Statement => Finding.RunsAt?.Statement ?? Finding.Statement;

    /// <summary>Stops every writer; and readers only where the statement itself stops them.</summary>
    public string LockMode => RowChanges.Contains(Finding.Rule) ? "SHARE ROW EXCLUSIVE" : Strongest;

    /// <summary>Rows go along with rows, and there are none; TRUNCATE … CASCADE takes the tables themselves.</summary>
    public LiveReach Reach => Question.Reach == LiveReach.DeleteCascades ? LiveReach.Children : Question.Reach;

    /// <summary>The finding as it was before it was lowered.</summary>
    public MigrationFinding Destructive => Finding.LoweredFrom ?? Finding with { Severity = FindingSeverity.Destructive };

    /// <param name="connection">On the database as it is before the first script.</param>
    /// <returns>Null where there is nothing of that name, so that nothing of it can be lost.</returns>
    public static async Task<HarmlessClaim?> ResolveAsync(NpgsqlConnection connection, MigrationFinding finding, CancellationToken ct)
    {
        var question = finding.Question!;
        if (question.Kind == LiveFactKind.SchemaRows)
            return await Of("SELECT oid, 0::smallint FROM pg_catalog.pg_namespace WHERE nspname = $1", question.Relation.Name);
        if (question.Kind == LiveFactKind.EnumLabels)
            return await Of("SELECT oid, 0::smallint FROM pg_catalog.pg_type WHERE oid = pg_catalog.to_regtype($1)", question.Relation.Sql);
        if (question.Column is { } column)
        {
            return await Of(
                "SELECT attrelid, attnum FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass($1) AND attname = $2 AND attnum > 0 AND NOT attisdropped",
                question.Relation.Sql, column);
        }

        return await Of("SELECT oid, 0::smallint FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1) AND relkind IN ('r', 'p', 'm')", question.Relation.Sql);

        async Task<HarmlessClaim?> Of(string sql, params object[] values) =>
            (await connection.ListAsync(sql, r => new HarmlessClaim(finding, question, r.GetFieldValue<uint>(0), r.GetInt16(1)), ct, values)).FirstOrDefault();
    }

    /// <summary>A table without a page of rows that a script drops or empties out of sight.</summary>
    public static HarmlessClaim OfHidden(TableState table, bool isDropped)
    {
        var name = new RelationName(table.Schema, table.Name).Display("public");
        var rule = !isDropped ? "truncate" : table.IsMaterializedView ? "drop-materialized-view" : "drop-table";
        var question = new LiveQuestion(LiveFactKind.Rows, new RelationName(table.Schema, table.Name), LiveReach.Only);
        return new HarmlessClaim(Hidden(rule, name, $"{(isDropped ? "drops" : "empties")} table {name}", question), question, table.Oid, 0);
    }

    /// <summary>A finding about what no statement says in plain sight.</summary>
    public static MigrationFinding Hidden(string rule, string name, string message, LiveQuestion question) => new()
    {
        Rule = rule,
        Severity = FindingSeverity.Destructive,
        File = "",
        Line = 0,
        Statement = 0,
        Object = name,
        Message = message,
        Remedy = "",
        Question = question,
    };
}
