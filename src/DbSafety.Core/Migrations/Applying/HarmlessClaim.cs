using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Live;
using DbSafety.Migrations.TypeChanges;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// A destructive statement that was accepted because a count showed that there is no data to lose. The count can change until the statement
/// runs, so it is counted again under a lock (<see cref="HarmlessProof"/>).
/// </summary>
/// <param name="Finding">As it was lowered.</param>
/// <param name="Oid">The oid of the table, schema or type, which a rename does not change.</param>
/// <param name="Column">The column's number; 0: none is named.</param>
internal sealed record HarmlessClaim(MigrationFinding Finding, LiveQuestion Question, uint Oid, short Column)
{
    /// <summary>No object had this name, so the statement must not affect any of the existing tables: these. Null if the object existed.</summary>
    public IReadOnlySet<uint>? Others { get; private init; }

    /// <summary>The loss was allowed: it is not counted, but rows that are not in the backup are saved (<see cref="RowsSinceBackup"/>).</summary>
    public bool IsAllowed { get; private init; }

    /// <summary>The mode that DROP, TRUNCATE and most forms of ALTER TABLE take.</summary>
    public const string Strongest = "ACCESS EXCLUSIVE";

    private static readonly string[] RowChanges = ["delete-rows", "delete-without-where", "update-without-where"];

    /// <summary>Which script runs it.</summary>
    public string File => Finding.RunsAt?.File ?? Finding.File;

    /// <summary>1-based place of the statement in its script; 0: it is hidden somewhere in the scripts.</summary>
    public int Statement => Finding.RunsAt?.Statement ?? Finding.Statement;

    /// <summary>Blocks all writes, and reads only if the statement itself blocks them.</summary>
    public string LockMode => RowChanges.Contains(Finding.Rule) ? "SHARE ROW EXCLUSIVE" : Strongest;

    /// <summary>Rows go along with rows, and where it is harmless there are none; TRUNCATE … CASCADE takes the tables themselves.</summary>
    public LiveReach Reach => Question.Reach == LiveReach.DeleteCascades && !IsAllowed ? LiveReach.Children : Question.Reach;

    /// <summary>The finding as it was before it was lowered.</summary>
    public MigrationFinding Destructive => Finding.LoweredFrom ?? Finding with { Severity = FindingSeverity.Destructive };

    /// <param name="connection">On the database as it is before the first script.</param>
    /// <returns>Null if no object had this name and the statement does not name it again.</returns>
    public static async Task<HarmlessClaim?> ResolveAsync(NpgsqlConnection connection, MigrationFinding finding, CancellationToken ct) =>
        await FindAsync(connection, finding, ct) ?? await OfMissingAsync(connection, finding, ct);

    private static async Task<HarmlessClaim?> FindAsync(NpgsqlConnection connection, MigrationFinding finding, CancellationToken ct)
    {
        var question = finding.Question!;
        if (question.Kind == LiveFactKind.SchemaRows)
            return await Of("SELECT oid, 0::smallint FROM pg_catalog.pg_namespace WHERE nspname = $1", question.Relation.Name);
        if (question.Kind == LiveFactKind.EnumLabels)
            return await Of("SELECT oid, 0::smallint FROM pg_catalog.pg_type WHERE oid = pg_catalog.to_regtype($1)", question.Relation.Sql);
        if (question.Column is { } column && await Of(
                "SELECT attrelid, attnum FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass($1) AND attname = $2 AND attnum > 0 AND NOT attisdropped",
                question.Relation.Sql, column) is { } ofColumn)
        {
            return ofColumn;
        }

        return await Of("SELECT oid, 0::smallint FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1) AND relkind IN ('r', 'p', 'm')", question.Relation.Sql);

        async Task<HarmlessClaim?> Of(string sql, params object[] values) =>
            (await connection.ListAsync(sql, r => new HarmlessClaim(finding, question, r.GetFieldValue<uint>(0), r.GetInt16(1)), ct, values)).FirstOrDefault();
    }

    /// <returns>Of the table that it names, or of those that a view of that name reads.</returns>
    public static async Task<IReadOnlyList<HarmlessClaim>> OfAllowedAsync(NpgsqlConnection connection, MigrationFinding finding, CancellationToken ct)
    {
        if (finding.Question is not { } question)
            return [];
        if (await FindAsync(connection, finding, ct) is { } found)
            return [found with { IsAllowed = true }];
        return [.. (await LiveViews.TablesAsync(connection, question.Relation, ct)).Select(t => new HarmlessClaim(finding, question with { Column = null }, t.Oid, 0) { IsAllowed = true })];
    }

    /// <summary>If no object had this name.</summary>
    private static async Task<HarmlessClaim?> OfMissingAsync(NpgsqlConnection connection, MigrationFinding finding, CancellationToken ct) =>
        finding.Written is null ? null : new HarmlessClaim(finding, finding.Question!, 0, 0)
        {
            Others = (await connection.ListAsync(
                finding.Question!.Kind == LiveFactKind.SchemaRows ? "SELECT oid FROM pg_catalog.pg_namespace" : "SELECT oid FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p', 'm', 'v', 'f')",
                r => r.GetFieldValue<uint>(0), ct)).ToHashSet(),
        };

    /// <summary>Whether the names in the statement currently refer, in its session, to the object that was counted.</summary>
    /// <exception cref="PostgresException">Unlikely: only names are looked up.</exception>
    public async Task<bool> IsStillMeantAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        if (Finding.Written is not { } written)
            return true;
        var found = Question.Kind == LiveFactKind.SchemaRows
            ? await connection.ListAsync("SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1", r => r.GetFieldValue<uint>(0), ct, written.Name)
            : await connection.ListAsync("SELECT oid FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1)", r => r.GetFieldValue<uint>(0), ct, written.Sql);
        // A body may create the named object later. Objects that it drops or empties are detected afterwards; overwriting was not accepted.
        if (found is not [var oid])
            return true;
        if (Others is not null)
            return !Others.Contains(oid);
        if (oid != Oid)
            return false;
        return Column == 0 || Finding.WrittenColumn is not { } column || !await connection.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attname = $2 AND attnum > 0 AND attnum <> $3 AND NOT attisdropped)", ct, (long)oid, column, Column);
    }

    /// <summary>A table without pages that a script drops or empties in code that cannot be analysed.</summary>
    public static HarmlessClaim OfHidden(TableState table, bool isDropped)
    {
        var name = new RelationName(table.Schema, table.Name).Display("public");
        var rule = !isDropped ? "truncate" : table.IsMaterializedView ? "drop-materialized-view" : "drop-table";
        var question = new LiveQuestion(LiveFactKind.Rows, new RelationName(table.Schema, table.Name), LiveReach.Only);
        return new HarmlessClaim(Hidden(rule, name, $"{(isDropped ? "drops" : "empties")} table {name}", question), question, table.Oid, 0);
    }

    /// <summary>A table that a script empties, rewrites or drops, although no statement shows it, and for which a loss was allowed only later or in another script.</summary>
    public static HarmlessClaim OfMissed(LiveTable table)
    {
        var (name, question) = (table.Display("public"), new LiveQuestion(LiveFactKind.Rows, new RelationName(table.Schema, table.Name), LiveReach.Only));
        return new HarmlessClaim(Hidden("truncate", name, $"rows of {name} that were written after the backup would be deleted", question), question, table.Oid, 0) { IsAllowed = true };
    }

    /// <summary>A finding about an effect that no statement shows.</summary>
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
