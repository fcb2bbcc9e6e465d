using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.History;
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

    private const string Family =
        """
        WITH RECURSIVE up(oid) AS (SELECT $1::oid UNION SELECT i.inhparent FROM pg_catalog.pg_inherits i JOIN up u ON i.inhrelid = u.oid),
            down(oid) AS (SELECT $1::oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN down d ON i.inhparent = d.oid)
        """;

    /// <summary>$1 is a table, $4 the referenced one, $2 the referring one and $3 columns of it. Whether the first two are the same, or parent and partition; which of the columns exist, which of them have a default; and the primary key.</summary>
    private const string AddedSql =
        $"""
        {Family}
        SELECT EXISTS (SELECT FROM up WHERE oid = $4::oid) OR EXISTS (SELECT FROM down WHERE oid = $4::oid),
            ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = $2::oid AND a.attname = ANY ($3) AND NOT a.attisdropped ORDER BY a.attnum),
            ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type y ON y.oid = a.atttypid WHERE a.attrelid = $2::oid AND a.attname = ANY ($3) AND NOT a.attisdropped AND (a.atthasdef OR y.typdefault IS NOT NULL)),
            ARRAY(SELECT a.attname::text FROM pg_catalog.pg_constraint c CROSS JOIN pg_catalog.unnest(c.conkey) WITH ORDINALITY k(num, at) JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num
                WHERE c.conrelid = $4::oid AND c.contype = 'p' ORDER BY k.at)
        """;

    private static string Keys(string action, string isSet) =>
        $"""
        {Family}
        SELECT c.conname, {action}, n.nspname, t.relname, t.oid, t.relkind,
            ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(c.conkey) WITH ORDINALITY k(num, at) JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num ORDER BY k.at),
            ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(c.confkey) WITH ORDINALITY k(num, at) JOIN pg_catalog.pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num ORDER BY k.at),
            ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type y ON y.oid = a.atttypid WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
                AND ({action} = 'n' OR ({action} = 'd' AND NOT a.atthasdef AND y.typdefault IS NULL))
                AND ({isSet}) ORDER BY a.attnum),
            EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.confrelid AND a.attnum = ANY (c.confkey) AND a.attgenerated <> '')
        FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class t ON t.oid = c.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
        WHERE c.contype = 'f' AND c.conparentid = 0 AND {action} IN ('c', 'n', 'd') AND (c.confrelid IN (SELECT oid FROM up) OR c.confrelid IN (SELECT oid FROM down))
        ORDER BY 3, 4, 1
        """;

    /// <param name="Nulled">Columns that become NULL; empty for CASCADE.</param>
    private sealed record ForeignKey(string Name, char Action, LiveTable Table, string[] Columns, string[] Referenced, string[] Nulled)
    {
        /// <summary>One of the referenced columns is generated: an UPDATE of others can change it.</summary>
        public bool IsOfGenerated { get; init; }
    }

    /// <summary>Rows that are updated.</summary>
    /// <param name="Columns">Empty: they can be any.</param>
    /// <param name="Nulled">Those that become NULL.</param>
    /// <param name="Condition">After FROM.</param>
    /// <param name="Path">The foreign keys of the cascade so far.</param>
    private sealed record Updated(LiveTable Table, IReadOnlyList<string> Columns, IReadOnlyList<string> Nulled, string Condition, string Alias, IReadOnlyList<(uint Table, string Name)> Path)
    {
        /// <inheritdoc cref="Rows.IsDoubted"/>
        public bool IsDoubted { get; init; }

        public bool MayChange(ForeignKey key) => Columns.Count == 0 || key.IsOfGenerated || key.Referenced.Length == 0 || key.Referenced.Intersect(Columns).Any();
    }

    /// <summary>Rows that are deleted.</summary>
    /// <param name="Condition">After FROM; null: the rows are not known.</param>
    /// <param name="Path">The tables of the cascade so far.</param>
    private sealed record Rows(LiveTable Table, string? Condition, string Alias, IReadOnlyList<uint> Path)
    {
        /// <summary>They may be fewer, where an UPDATE moves some of them.</summary>
        public bool IsMove { get; init; }

        /// <summary>Earlier statements can change which rows these are.</summary>
        public bool IsDoubted { get; init; }
    }

    public static bool Concerns(MigrationFinding finding) =>
        finding is { Severity: FindingSeverity.Destructive, Rule: "delete-rows" or "delete-without-where", Question: { Kind: LiveFactKind.Rows or LiveFactKind.RowsWhere } };

    /// <summary>A finding for each table or column that would lose something, allowed by its own name.</summary>
    public async Task<IReadOnlyList<MigrationFinding>> ReadAsync(MigrationFinding finding, CancellationToken ct)
    {
        var (question, found) = (finding.Question!, new List<MigrationFinding>());
        var isDoubted = await LiveWrites.CanFitAsync(transaction.Connection!, question, finding.WrittenBefore, ct) || await LiveWrites.RefersToNewAsync(transaction.Connection!, question, finding.WrittenBefore, finding.ForeignKeys, ct);
        foreach (var table in await TablesAsync(question.Relation, finding.ForeignKeys, ct))
            await AddAsync(found, finding, new Rows(table, question.Kind == LiveFactKind.Rows ? question.Relation.Sql : question.Condition, question.Alias ?? question.Relation.Name, [table.Oid]) { IsDoubted = isDoubted }, ct);
        return found;
    }

    /// <summary>
    /// A finding for each column that gets NULL because of an UPDATE of the columns that it refers to: by ON UPDATE SET NULL, by SET DEFAULT without a default, and by CASCADE where these become NULL.
    /// </summary>
    public async Task<IReadOnlyList<MigrationFinding>> UpdatedAsync(MigrationFinding finding, CancellationToken ct)
    {
        if (finding.Updates is not { } update)
            return [];
        var (question, found) = (finding.Question, new List<MigrationFinding>());
        if (update.IsCreated)
        {
            foreach (var added in finding.ForeignKeys.Added.Where(k => k.OnUpdate is 'n' or 'd' && update.MayChange(k.Key)))
            {
                if (await AddedAsync(added, added.OnUpdate, [], null, ct) is { } key && await CountAsync(Holding(key, "dbsafety_0"), ct) is var count and not 0)
                    found.AddRange(key.Nulled.Select(c => Nulls(finding, key, c, count, isExact: false, "UPDATE")));
            }

            return found;
        }

        var overwrite = question?.Overwrite;
        var isDoubted = overwrite is not null && await LiveWrites.CanFitAsync(transaction.Connection!, question!, finding.WrittenBefore, ct);
        foreach (var table in await TablesAsync(update.Table, finding.ForeignKeys, ct))
        {
            var (condition, alias) = overwrite is null ? (table.Sql, table.Name) : (overwrite.Touched ?? overwrite.All, question!.Alias ?? question.Relation.Name);
            await AddUpdatedAsync(found, finding, new Updated(table, await IsViewAsync(update, table, ct) ? [] : update.Columns, update.Nulled, condition, alias, []) { IsDoubted = isDoubted }, ct);
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
        foreach (var key in await KeysAsync(KeysSql, rows.Table, cause.ForeignKeys, isDelete: true, ct))
        {
            var alias = $"dbsafety_{rows.Path.Count}";
            var condition = rows.Condition is null ? null : Referring(key, alias, rows.Alias, rows.Condition);
            var known = condition is null || await CountAsync(condition, ct) is not { } fitting || (fitting == 0 && rows.IsDoubted) ? (long?)null : fitting;
            var count = known ?? await CountAsync(Holding(key, alias), ct) ?? await CountAsync(key.Table.Sql, ct);
            if (count == 0)
                continue;
            var isExact = known is not null && !rows.IsMove;
            if (key.Action != 'c')
            {
                found.AddRange(key.Nulled.Select(c => Nulls(cause, key, c, count, isExact, "DELETE")));
                await AddUpdatedAsync(found, cause, new Updated(key.Table, key.Action == 'n' ? key.Nulled : key.Columns, key.Nulled, known is null ? key.Table.Sql : condition!, known is null ? key.Table.Name : alias, []) { IsDoubted = rows.IsDoubted }, ct);
                continue;
            }

            // Rows that reference each other in a circle are not counted.
            var isCircle = rows.Path.Contains(key.Table.Oid);
            found.Add(Deletes(cause, key, isCircle ? await CountAsync(key.Table.Sql, ct) : count, isCircle || !isExact ? null : condition));
            if (!isCircle)
                await AddAsync(found, cause, new Rows(key.Table, known is null ? null : condition, alias, [.. rows.Path, key.Table.Oid]) { IsMove = rows.IsMove, IsDoubted = rows.IsDoubted }, ct);
        }
    }

    /// <summary>A finding for each column of the foreign keys that refer to updated rows, and of those that refer to these.</summary>
    private async Task AddUpdatedAsync(List<MigrationFinding> found, MigrationFinding cause, Updated rows, CancellationToken ct)
    {
        foreach (var key in await KeysAsync(UpdatedKeysSql, rows.Table, cause.ForeignKeys, isDelete: false, ct))
        {
            if (!rows.MayChange(key) || rows.Path.Contains((key.Table.Oid, key.Name)))
                continue;
            var alias = $"dbsafety_{rows.Path.Count}";
            var condition = Referring(key, alias, rows.Alias, rows.Condition);
            var count = await CountAsync(condition, ct);
            // The condition need not show the referenced columns.
            if (count is null || (count == 0 && rows.IsDoubted))
                (condition, count) = (Holding(key, alias), await CountAsync(Holding(key, alias), ct));
            if (count == 0)
                continue;
            IReadOnlyList<string> nulled = key.Action == 'c' ? [.. key.Columns.Where((_, i) => i < key.Referenced.Length && rows.Nulled.Contains(key.Referenced[i]))] : key.Nulled;
            found.AddRange(nulled.Select(c => Nulls(cause, key, c, count, isExact: false, "UPDATE")));
            await AddUpdatedAsync(found, cause, new Updated(key.Table, key.Columns, nulled, condition, alias, [.. rows.Path, (key.Table.Oid, key.Name)]) { IsDoubted = rows.IsDoubted }, ct);
        }
    }

    /// <summary>The table, or those behind a view; none if no foreign key acts for it.</summary>
    private async Task<IReadOnlyList<LiveTable>> TablesAsync(RelationName name, ForeignKeyChanges keys, CancellationToken ct)
    {
        if (keys.IsReplica)
            return [];
        if (await TableReach.FindAsync(transaction.Connection!, name, ct) is not { } table)
            return await LiveViews.TablesAsync(transaction.Connection!, name, ct);
        return table.Kind == 'f' || (table.Kind == 'r' && keys.Disabled.Contains(new RelationName(table.Schema, table.Name))) ? [] : [table];
    }

    /// <summary>The update is of a view that calls columns by other names than the table.</summary>
    private async Task<bool> IsViewAsync(LiveUpdate update, LiveTable table, CancellationToken ct) =>
        (update.Table.Name != table.Name || (update.Table.Schema ?? defaultSchema) != table.Schema)
        && await transaction.Connection!.ScalarAsync<long>("SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attname = ANY ($2) AND NOT attisdropped", ct, (long)table.Oid, update.Columns.ToArray()) < update.Columns.Distinct().Count();

    private async Task<IReadOnlyList<ForeignKey>> KeysAsync(string sql, LiveTable table, ForeignKeyChanges changes, bool isDelete, CancellationToken ct)
    {
        var keys = await transaction.Connection!.ListAsync(
            sql, r => new ForeignKey(r.GetString(0), r.GetChar(1), new LiveTable(r.GetFieldValue<uint>(4), r.GetString(2), r.GetString(3), r.GetChar(5)), r.GetFieldValue<string[]>(6), r.GetFieldValue<string[]>(7), r.GetFieldValue<string[]>(8)) { IsOfGenerated = r.GetBoolean(9) },
            ct, (long)table.Oid);
        keys.RemoveAll(k => changes.Dropped.Contains((new RelationName(k.Table.Schema, k.Table.Name), k.Name)));
        foreach (var added in changes.Added)
        {
            var action = isDelete ? added.OnDelete : added.OnUpdate;
            if (action is 'c' or 'n' or 'd' && await AddedAsync(added, action, isDelete ? added.SetColumns : [], table, ct) is { } key)
                keys.Add(key);
        }

        return keys;
    }

    /// <summary>Null if it refers to another table, or belongs to none that was there.</summary>
    /// <param name="table">The table that it is to refer to; null: one that the set created.</param>
    private async Task<ForeignKey?> AddedAsync(AddedForeignKey added, char action, IReadOnlyList<string> set, LiveTable? table, CancellationToken ct)
    {
        if (await TableReach.FindAsync(transaction.Connection!, added.Table, ct) is not { } child)
            return null;
        var referenced = table is null ? null : await TableReach.FindAsync(transaction.Connection!, added.Key.Referenced, ct);
        if (referenced is null && table is not null)
            return null;
        var (isIt, there, defaulted, primary) = (await transaction.Connection!.ListAsync(
            AddedSql, r => (r.GetBoolean(0), r.GetFieldValue<string[]>(1), r.GetFieldValue<string[]>(2), r.GetFieldValue<string[]>(3)), ct, (long)(table?.Oid ?? 0), (long)child.Oid, added.Key.Columns.ToArray(), (long)(referenced?.Oid ?? 0)))[0];
        if (!isIt)
            return null;
        IEnumerable<string> nulled = action == 'c' ? [] : there.Where(c => (set.Count == 0 || set.Contains(c)) && (action == 'n' || !defaulted.Contains(c)));
        return new ForeignKey(
            added.Name ?? $"{child.Name}_{string.Join('_', added.Key.Columns)}_fkey", action, child, [.. added.Key.Columns], added.Key.ReferencedColumns.Count == 0 ? primary : [.. added.Key.ReferencedColumns], [.. nulled]);
    }

    /// <summary>The rows that refer to any, after FROM.</summary>
    private static string Holding(ForeignKey key, string alias) => $"{key.Table.Sql} AS {alias} WHERE {string.Join(" AND ", key.Columns.Select(c => $"{SqlName.Quote(alias, c)} IS NOT NULL"))}";

    /// <summary>The rows that refer to these, after FROM.</summary>
    private static string Referring(ForeignKey key, string alias, string of, string condition) =>
        $"{key.Table.Sql} AS {alias} WHERE ({string.Join(", ", key.Columns.Select(c => SqlName.Quote(alias, c)))}) IN (SELECT {string.Join(", ", key.Referenced.Select(c => SqlName.Quote(of, c)))} FROM {condition})";

    private async Task<long?> CountAsync(string condition, CancellationToken ct) =>
        await LiveRows.FittingAsync(transaction, condition, ct) is { Count: { } count } ? count : null;

    private MigrationFinding Deletes(MigrationFinding cause, ForeignKey key, long? count, string? condition) => Of(cause, "delete-rows", key.Table.Display(defaultSchema)) with
    {
        Message = $"deletes rows of {key.Table.Display(defaultSchema)} by ON DELETE CASCADE of foreign key {SqlName.Display(key.Name)}, with rows of {cause.Object}: {Lost(count, "row", condition is not null)}",
        Remedy = "Copy the rows to another table first (CREATE TABLE … AS SELECT), or change the foreign key to ON DELETE RESTRICT, so that PostgreSQL refuses.",
        LiveFacts = Facts("rows", count),
        Question = new LiveQuestion(condition is null ? LiveFactKind.Rows : LiveFactKind.RowsWhere, new RelationName(key.Table.Schema, key.Table.Name)) { Condition = condition, Proves = cause.Question?.Proves == true },
    };

    private MigrationFinding Nulls(MigrationFinding cause, ForeignKey key, string column, long? count, bool isExact, string on)
    {
        var name = $"{key.Table.Display(defaultSchema)}.{SqlName.Display(column)}";
        return Of(cause, "column-values", name) with
        {
            Message = $"sets {name} to NULL by ON {on} {(key.Action switch { 'n' => "SET NULL", 'd' => "SET DEFAULT", _ => "CASCADE" })} of foreign key {SqlName.Display(key.Name)}, with rows of {cause.Object}: {Lost(count, "value", isExact)}",
            Remedy = "Copy the values to another table first (CREATE TABLE … AS SELECT).",
            LiveFacts = Facts("values", count),
            Question = new LiveQuestion(LiveFactKind.Values, new RelationName(key.Table.Schema, key.Table.Name)) { Column = column },
        };
    }

    private static string Lost(long? count, string noun, bool isExact) => count is not { } known ? "how many could not be counted" : $"{(isExact ? "" : "up to ")}{LiveJudgement.Number(known, noun)} would be lost";

    private static Dictionary<string, long> Facts(string of, long? count) => count is { } known ? new() { [of] = known } : [];

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
