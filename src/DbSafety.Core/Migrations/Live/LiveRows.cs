using System.Collections.Immutable;
using System.Data;
using System.Globalization;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.TypeChanges;
using Npgsql;

namespace DbSafety.Migrations.Live;

/// <summary>Counts the rows that an UPDATE or a DELETE would touch, and the values that an UPDATE would overwrite.</summary>
internal static class LiveRows
{
    /// <summary>How many rows match a condition, if a query for it can be run.</summary>
    public static async Task<LiveAnswer> FittingAsync(NpgsqlTransaction transaction, string? condition, CancellationToken ct) =>
        new(true, condition is not null && await SafeCount.TryAsync<string>(transaction, $"SELECT count(*)::text FROM {condition}", withOwn: false, ct) is { } count ? long.Parse(count, CultureInfo.InvariantCulture) : null);

    /// <summary>The unconditional INSTEAD rule of a DELETE (https://www.postgresql.org/docs/current/sql-createrule.html); null if none does.</summary>
    public static async Task<string?> RuleInsteadAsync(NpgsqlConnection connection, RelationName table, CancellationToken ct) => (await connection.ListAsync(
        """
        SELECT r.rulename FROM pg_catalog.pg_rewrite r WHERE r.ev_class = pg_catalog.to_regclass($1) AND r.ev_type = '4' AND r.is_instead AND r.ev_qual::text = '<>'
            AND pg_catalog.strpos(CASE pg_catalog.current_setting('session_replication_role') WHEN 'replica' THEN 'RA' ELSE 'OA' END, r.ev_enabled::text) > 0 ORDER BY 1 LIMIT 1
        """, r => r.GetString(0), ct, table.Sql)).FirstOrDefault();

    /// <summary>
    /// If the updated rows cannot be identified, the values of all rows are counted; also if earlier statements of the set may have changed which rows these are, and the
    /// values are replaced with NULL.
    /// </summary>
    public static async Task<LiveAnswer> OverwrittenAsync(NpgsqlTransaction transaction, LiveQuestion question, LiveOverwrite overwrite, CancellationToken ct)
    {
        var withoutDefault = await WithoutDefaultAsync(transaction, question.Relation, overwrite, ct);
        var touched = !question.Proves && overwrite.Nulled.Count + withoutDefault.Count > 0 ? null : await CountAsync(transaction, overwrite.Touched, [.. overwrite.Columns, .. overwrite.Nulling], ct);
        var all = await CountAsync(transaction, overwrite.All, touched is null ? overwrite.Columns : [], ct);
        if (all is null)
            return new LiveAnswer(true, null);
        var counted = touched ?? all;
        var values = overwrite.Columns.Zip(counted.Skip(1)).GroupBy(c => c.First.Name, StringComparer.Ordinal).ToDictionary(c => c.Key, c => c.First().Second, StringComparer.Ordinal);
        var lost = overwrite.Columns.Count == 0 ? counted[0] : values.Values.Sum();
        var nulled = touched is null ? overwrite.Nulling.Select(c => c.Name) : overwrite.Nulling.Zip(touched.Skip(1 + overwrite.Columns.Count)).Where(c => c.Second > 0).Select(c => c.First.Name);
        return new LiveAnswer(true, lost) { Overwritten = new LiveOverwritten(touched?[0], all[0], values) { BecomeNull = [.. withoutDefault, .. nulled] } };
    }

    /// <summary>The table exists, and neither it nor a table that inherits from it has any of these columns.</summary>
    public static async Task<bool> LacksAsync(NpgsqlConnection connection, RelationName table, IReadOnlyList<string> columns, CancellationToken ct) =>
        await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass($1) AND c.relkind IN ('r', 'p'))", ct, table.Sql) && (await HavingAsync(connection, table, columns, ct)).Count == 0;

    /// <summary>The table, and those that inherit from it, that have any of these columns.</summary>
    public static Task<List<(RelationName Table, string Column, bool IsItself)>> HavingAsync(NpgsqlConnection connection, RelationName table, IReadOnlyList<string> columns, CancellationToken ct) => connection.ListAsync(
        """
        WITH RECURSIVE own(oid) AS (SELECT pg_catalog.to_regclass($1)::oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN own ON i.inhparent = own.oid)
        SELECT n.nspname::text, c.relname::text, a.attname::text, own.oid = pg_catalog.to_regclass($1) FROM own JOIN pg_catalog.pg_attribute a ON a.attrelid = own.oid JOIN pg_catalog.pg_class c ON c.oid = own.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE a.attname = ANY ($2) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2, 3
        """, r => (new RelationName(r.GetString(0), r.GetString(1)), r.GetString(2), r.GetBoolean(3)), ct, table.Sql, columns.ToArray());

    /// <summary>
    /// Whether a live BEFORE trigger of the table, of one that inherits from it, or of those behind a view, can store other values than the statement assigns; whether it is enabled can change before. If it computes values
    /// from the row alone that every row has already, these are the condition for the rows that have others, after FROM.
    /// </summary>
    /// <param name="functions">Those of triggers that the set creates.</param>
    /// <param name="made">The routines of the set, which can be those of the trigger by then.</param>
    /// <param name="columns">Those that the statement names; empty: they are not known.</param>
    public static async Task<(bool MayBe, string? Others)> AssignedAsync(
        NpgsqlTransaction transaction, RelationName table, IReadOnlyList<RelationName> functions, ImmutableDictionary<RelationName, ImmutableList<CreatedRoutine>>? made, IReadOnlyList<string> columns, CancellationToken ct)
    {
        var connection = transaction.Connection!;
        var moves = columns.Count == 0 || await TableReach.IsPartitionedByAsync(connection, table, [.. columns], ct);
        var triggers = await connection.ListAsync(
            """
            WITH RECURSIVE own(oid) AS (SELECT pg_catalog.to_regclass($1)::oid UNION SELECT e.oid FROM own, LATERAL (
                SELECT i.inhrelid FROM pg_catalog.pg_inherits i WHERE i.inhparent = own.oid
                UNION ALL SELECT d.refobjid FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                    WHERE r.ev_class = own.oid AND r.ev_type = '1') e(oid)),
            called(oid) AS (
                SELECT t.tgfoid FROM pg_catalog.pg_trigger t JOIN own ON t.tgrelid = own.oid JOIN pg_catalog.pg_class c ON c.oid = own.oid WHERE NOT t.tgisinternal AND (($4 AND c.relispartition AND t.tgtype & 7 = 7)
                    OR (t.tgtype & 19 = 19 AND (pg_catalog.cardinality($3) = 0 OR pg_catalog.cardinality(t.tgattr::int2[]) = 0 OR own.oid <> pg_catalog.to_regclass($1) OR c.relkind = 'v'
                        OR EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr::int2[]) AND (a.attname = ANY ($3) OR a.attgenerated <> '')))))
                UNION SELECT pg_catalog.to_regproc(n)::oid FROM unnest($2::text[]) n)
            SELECT coalesce(p.proname::text, ''), CASE l.lanname WHEN 'plpgsql' THEN pg_catalog.pg_get_functiondef(p.oid) END,
                   coalesce(l.lanname = 'c' AND p.proname = 'moddatetime' OR p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace AND p.proname IN ('tsvector_update_trigger', 'tsvector_update_trigger_column', 'suppress_redundant_updates_trigger'), false)
            FROM called LEFT JOIN pg_catalog.pg_proc p ON p.oid = called.oid LEFT JOIN pg_catalog.pg_language l ON l.oid = p.prolang
            """, r => (Function: r.GetString(0), Definition: r.IsDBNull(1) ? null : r.GetString(1), IsKnown: r.GetBoolean(2)), ct, table.Sql, functions.Select(f => f.Sql).ToArray(), columns.ToArray(), moves);
        var definitions = triggers.Where(t => !t.IsKnown).Select(t => t.Definition)
            .Concat(triggers.SelectMany(t => (made ?? ImmutableDictionary<RelationName, ImmutableList<CreatedRoutine>>.Empty).Where(m => m.Key.Name == t.Function).SelectMany(m => m.Value).Select(m => m.Definition)));
        var assigned = new List<(string Column, string Sql)>();
        foreach (var definition in definitions)
        {
            if (definition is null || RoutineBody.Assigned(definition) is not { } values)
                return (true, null);
            assigned.AddRange(values);
        }

        if (assigned.Count == 0)
            return (false, null);
        var others = $"{table.Sql} AS new, LATERAL (SELECT new.*) AS old WHERE {string.Join(" OR ", assigned.Distinct().Select(a => $"new.{SqlName.Quote(a.Column)} IS DISTINCT FROM NULL AND ({a.Sql})::pg_catalog.text COLLATE \"C\" IS DISTINCT FROM new.{SqlName.Quote(a.Column)}::pg_catalog.text COLLATE \"C\""))}";
        return await FittingAsync(transaction, others, ct) is { Count: 0 } ? (false, others) : (true, null);
    }

    /// <summary>Each column's values come back the same from what is assigned. PostgreSQL shows the types without running the query.</summary>
    public static async Task<bool> FillsAsync(NpgsqlTransaction transaction, LiveOverwrite overwrite, CancellationToken ct)
    {
        await transaction.SaveAsync("filled", ct);
        try
        {
            await using var command = new NpgsqlCommand(overwrite.Filling, transaction.Connection!);
            await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SchemaOnly, ct);
            return Enumerable.Range(0, reader.FieldCount / 2).All(i => IsKept(reader.GetDataTypeOID(2 * i), reader.GetDataTypeOID((2 * i) + 1)));
        }
        catch (PostgresException e) when (PgSession.IsOfTheStatement(e))
        {
            ct.ThrowIfCancellationRequested();
            return false;
        }
        finally
        {
            await transaction.RollbackAsync("filled", CancellationToken.None);
        }
    }

    /// <summary>The type itself, text for varchar, and numbers without a fraction as any that hold all of them.</summary>
    private static bool IsKept(uint type, uint column) => type == column || (column is 25 or 1043 && type is 25 or 1043) || (column is 20 or 21 or 23 && type is 20 or 21 or 23 or 1700);

    /// <summary>A domain can have one for its columns.</summary>
    private static async Task<List<string>> WithoutDefaultAsync(NpgsqlTransaction transaction, RelationName table, LiveOverwrite overwrite, CancellationToken ct) =>
        overwrite.Defaulted.Count == 0 ? [] : await transaction.Connection!.ListAsync(
            """
            SELECT a.attname FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
            WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attname = ANY ($2) AND NOT a.attisdropped AND NOT a.atthasdef AND a.attidentity = '' AND t.typdefault IS NULL
            """,
            r => r.GetString(0), ct, table.Sql, overwrite.Defaulted.ToArray());

    /// <summary>The rows, and the values of each column.</summary>
    private static async Task<long[]?> CountAsync(NpgsqlTransaction transaction, string? from, IReadOnlyList<LiveColumn> columns, CancellationToken ct) =>
        from is null ? null : await SafeCount.TryAsync<long[]>(transaction, $"SELECT ARRAY[count(*){string.Concat(columns.Select(c => $", count({c.Sql})"))}] FROM {from}", withOwn: false, ct);
}
