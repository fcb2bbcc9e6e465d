using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.TypeChanges;
using Npgsql;

namespace DbSafety.Migrations.Live;

/// <summary>
/// Cascading losses: when rows are deleted or updated, through foreign keys of other tables, rows (ON DELETE CASCADE) and values (SET NULL, SET DEFAULT without a default); when a table is
/// dropped with CASCADE, the tables that inherit from it.
/// </summary>
internal sealed class LiveCascades(NpgsqlTransaction transaction, string defaultSchema)
{
    private const int MovesAsUpdate = 15;

    /// <summary>$1 is the table. The foreign keys that refer to it, and the columns that get NULL.</summary>
    private static readonly string KeysSql = Keys("c.confdeltype", "coalesce(pg_catalog.to_jsonb(c) -> 'confdelsetcols', 'null') = 'null' OR pg_catalog.to_jsonb(c) -> 'confdelsetcols' @> pg_catalog.to_jsonb(a.attnum)");

    /// <summary>The same when its keys are updated.</summary>
    private static readonly string UpdatedKeysSql = Keys("c.confupdtype", "true");

    private static string Keys(string action, string isSet) =>
        $"""
        WITH RECURSIVE up(oid) AS (SELECT $1::oid UNION SELECT i.inhparent FROM pg_catalog.pg_inherits i JOIN up u ON i.inhrelid = u.oid),
            down(oid) AS (SELECT $1::oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN down d ON i.inhparent = d.oid)
        SELECT c.conname, {action}, n.nspname, t.relname, t.oid, t.relkind,
            ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(c.conkey) WITH ORDINALITY k(num, at) JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num ORDER BY k.at),
            ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(c.confkey) WITH ORDINALITY k(num, at) JOIN pg_catalog.pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num ORDER BY k.at),
            ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type y ON y.oid = a.atttypid WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
                AND ({action} = 'n' OR ({action} = 'd' AND NOT a.atthasdef AND y.typdefault IS NULL))
                AND ({isSet}) ORDER BY a.attnum)
        FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class t ON t.oid = c.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
        WHERE c.contype = 'f' AND c.conparentid = 0 AND {action} IN ('c', 'n', 'd') AND (c.confrelid IN (SELECT oid FROM up) OR c.confrelid IN (SELECT oid FROM down))
        ORDER BY 3, 4, 1
        """;

    /// <param name="Nulled">Columns that become NULL; empty for CASCADE.</param>
    private sealed record ForeignKey(string Name, char Action, LiveTable Table, string[] Columns, string[] Referenced, string[] Nulled);

    /// <summary>Rows that are deleted.</summary>
    /// <param name="Condition">After FROM; null: the rows are not known.</param>
    /// <param name="Path">The tables of the cascade so far.</param>
    private sealed record Rows(LiveTable Table, string? Condition, string Alias, IReadOnlyList<uint> Path)
    {
        /// <summary>They may be fewer, where an UPDATE moves some of them.</summary>
        public bool IsMove { get; init; }
    }

    public static bool Concerns(MigrationFinding finding) =>
        finding is { Severity: FindingSeverity.Destructive, Rule: "delete-rows" or "delete-without-where", Question: { Kind: LiveFactKind.Rows or LiveFactKind.RowsWhere } };

    /// <summary>A finding for each table or column that would lose something, allowed by its own name.</summary>
    public async Task<IReadOnlyList<MigrationFinding>> ReadAsync(MigrationFinding finding, CancellationToken ct)
    {
        var question = finding.Question!;
        if (await TableReach.FindAsync(transaction.Connection!, question.Relation, ct) is not { Kind: not 'f' } table)
            return [];
        var found = new List<MigrationFinding>();
        await AddAsync(found, finding, new Rows(table, question.Kind == LiveFactKind.Rows ? table.Sql : question.Condition, question.Alias ?? table.Name, [table.Oid]), ct);
        return found;
    }

    /// <summary>A finding for each column that ON UPDATE SET NULL, or SET DEFAULT without a default, sets to NULL because of an UPDATE of the columns that it refers to.</summary>
    public async Task<IReadOnlyList<MigrationFinding>> UpdatedAsync(MigrationFinding finding, CancellationToken ct)
    {
        if (finding is not { Rule: "update-rows" or "update-without-where", Question: { Overwrite: { } overwrite } question } || await TableReach.FindAsync(transaction.Connection!, question.Relation, ct) is not { Kind: not 'f' } table)
            return [];
        var found = new List<MigrationFinding>();
        foreach (var key in await KeysAsync(UpdatedKeysSql, table, ct))
        {
            if (key.Action == 'c' || !key.Referenced.Any(r => overwrite.Columns.Any(c => c.Name == r)))
                continue;
            // The new values can be those that were there.
            if (await CountAsync(Referring(key, "dbsafety_0", question.Alias ?? table.Name, overwrite.Touched ?? overwrite.All), ct) is > 0 and var count)
                found.AddRange(key.Nulled.Select(c => Nulls(finding, key, c, count, isExact: false, "UPDATE")));
        }

        return found;
    }

    /// <summary>Before that version, foreign keys take a row that changes its partition for a deleted one (https://www.postgresql.org/docs/15/release-15.html).</summary>
    public static bool MayMove(MigrationFinding finding, int major) => major < MovesAsUpdate && finding.Computes.Any(c => c.Kind == "update");

    /// <summary>What goes along with rows that an UPDATE of a partition key moves, where <see cref="MayMove"/>.</summary>
    public async Task<IReadOnlyList<MigrationFinding>> MovedAsync(MigrationFinding finding, CancellationToken ct)
    {
        var found = new List<MigrationFinding>();
        foreach (var update in finding.Computes.Where(c => c.Kind == "update").DistinctBy(c => (c.Name, c.Columns)))
        {
            if (await TableReach.FindAsync(transaction.Connection!, update.Name, ct) is not { Kind: 'p' } table
                || !await TableReach.IsPartitionedByAsync(transaction.Connection!, update.Name, update.Columns.Split('\n', StringSplitOptions.RemoveEmptyEntries), ct))
                continue;
            var own = finding.Question is { Overwrite: not null } question && question.Relation == update.Name ? question : null;
            await AddAsync(found, finding with { Object = table.Display(defaultSchema) + RowEvent.WhereMoved }, new Rows(table, own?.Overwrite!.Touched, own?.Alias ?? table.Name, [table.Oid]) { IsMove = true }, ct);
        }

        return found;
    }

    /// <summary>A finding for each table that inherits from a table that is dropped with CASCADE, allowed by its own name.</summary>
    public async Task<IReadOnlyList<MigrationFinding>> HeirsAsync(MigrationFinding finding, CancellationToken ct)
    {
        if (finding is not { Rule: "drop-table", Question: { IncludesChildren: true } question } || await TableReach.FindAsync(transaction.Connection!, question.Relation, ct) is not { } table)
            return [];
        var (all, own) = (await TableReach.ReachedAsync(transaction.Connection!, table, LiveReach.Children, ct), await TableReach.ReachedAsync(transaction.Connection!, table, LiveReach.Partitions, ct));
        return [.. all.Except(own).Select(heir => Of(finding, "drop-table", heir.Display(defaultSchema)) with
        {
            Severity = FindingSeverity.Destructive,
            Message = $"drops table {heir.Display(defaultSchema)}, which inherits from {finding.Object}, by CASCADE",
            Remedy = $"Detach it first: ALTER TABLE {heir.Sql} NO INHERIT {table.Sql};",
            LiveFacts = new Dictionary<string, long>(),
            Question = new LiveQuestion(LiveFactKind.Rows, new RelationName(heir.Schema, heir.Name), LiveReach.Partitions),
        })];
    }

    private async Task AddAsync(List<MigrationFinding> found, MigrationFinding cause, Rows rows, CancellationToken ct)
    {
        foreach (var key in await KeysAsync(KeysSql, rows.Table, ct))
        {
            var alias = $"dbsafety_{rows.Path.Count}";
            var condition = rows.Condition is null ? null : Referring(key, alias, rows.Alias, rows.Condition);
            var known = condition is null ? null : await CountAsync(condition, ct);
            var count = known ?? await CountAsync(key.Table.Sql, ct) ?? 0;
            if (count == 0)
                continue;
            var isExact = known is not null && !rows.IsMove;
            if (key.Action != 'c')
            {
                found.AddRange(key.Nulled.Select(c => Nulls(cause, key, c, count, isExact, "DELETE")));
                continue;
            }

            // Rows that reference each other in a circle are not counted.
            var isCircle = rows.Path.Contains(key.Table.Oid);
            found.Add(Deletes(cause, key, isCircle ? await CountAsync(key.Table.Sql, ct) ?? count : count, isCircle || !isExact ? null : condition));
            if (!isCircle)
                await AddAsync(found, cause, new Rows(key.Table, known is null ? null : condition, alias, [.. rows.Path, key.Table.Oid]) { IsMove = rows.IsMove }, ct);
        }
    }

    private Task<List<ForeignKey>> KeysAsync(string sql, LiveTable table, CancellationToken ct) => transaction.Connection!.ListAsync(
        sql, r => new ForeignKey(r.GetString(0), r.GetChar(1), new LiveTable(r.GetFieldValue<uint>(4), r.GetString(2), r.GetString(3), r.GetChar(5)), r.GetFieldValue<string[]>(6), r.GetFieldValue<string[]>(7), r.GetFieldValue<string[]>(8)), ct, (long)table.Oid);

    /// <summary>The rows that refer to these, after FROM.</summary>
    private static string Referring(ForeignKey key, string alias, string of, string condition) =>
        $"{key.Table.Sql} AS {alias} WHERE ({string.Join(", ", key.Columns.Select(c => SqlName.Quote(alias, c)))}) IN (SELECT {string.Join(", ", key.Referenced.Select(c => SqlName.Quote(of, c)))} FROM {condition})";

    private async Task<long?> CountAsync(string condition, CancellationToken ct) =>
        await LiveRows.FittingAsync(transaction, condition, ct) is { Count: { } count } ? count : null;

    private MigrationFinding Deletes(MigrationFinding cause, ForeignKey key, long count, string? condition) => Of(cause, "delete-rows", key.Table.Display(defaultSchema)) with
    {
        Message = $"deletes rows of {key.Table.Display(defaultSchema)} by ON DELETE CASCADE of foreign key {SqlName.Display(key.Name)}, with rows of {cause.Object}: {(condition is null ? "up to " : "")}{LiveJudgement.Number(count, "row")} would be lost",
        Remedy = "Copy the rows to another table first (CREATE TABLE … AS SELECT), or change the foreign key to ON DELETE RESTRICT, so that PostgreSQL refuses.",
        LiveFacts = new Dictionary<string, long> { ["rows"] = count },
        Question = new LiveQuestion(condition is null ? LiveFactKind.Rows : LiveFactKind.RowsWhere, new RelationName(key.Table.Schema, key.Table.Name)) { Condition = condition, Proves = cause.Question?.Proves == true },
    };

    private MigrationFinding Nulls(MigrationFinding cause, ForeignKey key, string column, long count, bool isExact, string on)
    {
        var name = $"{key.Table.Display(defaultSchema)}.{SqlName.Display(column)}";
        return Of(cause, "column-values", name) with
        {
            Message = $"sets {name} to NULL by ON {on} SET {(key.Action == 'n' ? "NULL" : "DEFAULT")} of foreign key {SqlName.Display(key.Name)}, with rows of {cause.Object}: {(isExact ? "" : "up to ")}{LiveJudgement.Number(count, "value")} would be lost",
            Remedy = "Copy the values to another table first (CREATE TABLE … AS SELECT).",
            LiveFacts = new Dictionary<string, long> { ["values"] = count },
            Question = new LiveQuestion(LiveFactKind.Values, new RelationName(key.Table.Schema, key.Table.Name)) { Column = column },
        };
    }

    private static MigrationFinding Of(MigrationFinding cause, string rule, string name) => cause with
    {
        Rule = rule,
        Severity = FindingSeverity.Destructive,
        WouldFail = false,
        Object = name,
        RemedySql = null,
        LoweredFrom = null,
        Written = null,
        WrittenColumn = null,
        IsNameUncertain = false,
        MayBeMissing = false,
    };
}
