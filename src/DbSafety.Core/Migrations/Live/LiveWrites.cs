using System.Collections.Immutable;
using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Live;

/// <summary>Whether what earlier statements of the set have written can be rows that a count looked at: of the same table, its parents or partitions, by foreign keys, triggers or rules.</summary>
internal static class LiveWrites
{
    /// <summary>
    /// $1 are the tables with changed rows, $2 those with new rows, $3 the tables of the count, $4 those to which its rows refer, $5 the constraint that is looked at, $6 the tables that have lost rows.
    /// $7: writes that can add violating rows; otherwise writes that can remove them.
    /// </summary>
    private const string Sql =
        """
        WITH RECURSIVE looked(oid, refers) AS (
            SELECT pg_catalog.to_regclass(n)::oid, false FROM unnest($3::text[]) n UNION SELECT pg_catalog.to_regclass(n)::oid, true FROM unnest($4::text[]) n
            UNION SELECT c.confrelid, true FROM pg_catalog.pg_constraint c WHERE c.conrelid = pg_catalog.to_regclass(($3::text[])[1])::oid AND c.conname = $5
        ), written(oid, way, how) AS (
            SELECT pg_catalog.to_regclass(n)::oid, 'w', 'changed' FROM unnest($1::text[]) n UNION SELECT pg_catalog.to_regclass(n)::oid, 'w', 'new' FROM unnest($2::text[]) n
            UNION SELECT pg_catalog.to_regclass(n)::oid, 'w', 'removed' FROM unnest($6::text[]) n
            UNION SELECT e.oid, e.way, e.how FROM written w, LATERAL (
                SELECT i.inhparent, 'u', w.how FROM pg_catalog.pg_inherits i WHERE i.inhrelid = w.oid AND w.way <> 'd'
                UNION ALL SELECT i.inhrelid, 'd', w.how FROM pg_catalog.pg_inherits i WHERE i.inhparent = w.oid AND w.way <> 'u'
                UNION ALL SELECT c.conrelid, 'w', CASE WHEN w.how = 'removed' AND c.confdeltype = 'c' THEN 'removed' ELSE 'changed' END FROM pg_catalog.pg_constraint c
                    WHERE c.confrelid = w.oid AND c.contype = 'f' AND w.how <> 'new' AND (c.confdeltype IN ('c', 'n', 'd') OR c.confupdtype IN ('c', 'n', 'd'))) e(oid, way, how)
        )
        SELECT EXISTS (SELECT FROM written w JOIN looked l ON l.oid = w.oid WHERE w.how = 'changed' OR CASE WHEN $7 THEN l.refers = (w.how = 'removed') ELSE l.refers OR w.how = 'removed' END)
            OR EXISTS (SELECT FROM written w JOIN pg_catalog.pg_class c ON c.oid = w.oid WHERE w.way <> 'u' AND (c.relkind IN ('v', 'f')
                OR EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D')
                OR EXISTS (SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type <> '1')))
        """;

    /// <summary>
    /// $1 is the table, $2 the tables of $3, columns with changed values (null: rows of other tables became rows of it), $4 the tables with new rows, $5 those that have lost rows, $6 the names in the condition,
    /// $7: it can read any column, $8: there is a condition, $9: it reads the table itself once more, $10 the names of tables and views that the set has replaced or renamed,
    /// $11 the column whose changed values make no difference. What triggers do is read in their functions' text.
    /// </summary>
    private const string CanFitSql =
        """
        WITH RECURSIVE changed(oid, name) AS (
            SELECT pg_catalog.to_regclass(v.t)::oid, v.c COLLATE "C" FROM unnest($2::text[], $3::text[]) v(t, c)
        ), own(oid, way, every) AS (
            SELECT pg_catalog.to_regclass($1)::oid, 'w', false
            UNION SELECT e.oid, e.way, e.every FROM own o, LATERAL (
                SELECT i.inhparent, 'u', o.every FROM pg_catalog.pg_inherits i WHERE i.inhrelid = o.oid AND o.way <> 'd'
                UNION ALL SELECT i.inhrelid, 'd', o.every FROM pg_catalog.pg_inherits i WHERE i.inhparent = o.oid AND o.way <> 'u'
                UNION ALL SELECT d.refobjid, 'w', true FROM pg_catalog.pg_class c JOIN pg_catalog.pg_rewrite r ON r.ev_class = c.oid AND r.ev_type = '1' JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
                    AND d.refclassid = 'pg_catalog.pg_class'::regclass WHERE c.oid = o.oid AND c.relkind = 'v' AND d.refobjid <> o.oid) e(oid, way, every)
        ), looked(oid, every) AS (
            SELECT c.oid, $7::boolean FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname = ANY ($6) AND (c.oid <> pg_catalog.to_regclass($1)::oid OR $9)
            UNION SELECT e.oid, e.every FROM looked l, LATERAL (
                SELECT i.inhrelid, l.every FROM pg_catalog.pg_inherits i WHERE i.inhparent = l.oid
                UNION ALL SELECT d.refobjid, true FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass
                    WHERE r.ev_class = l.oid AND d.refobjid <> l.oid) e(oid, every)
        ), written(oid, way, how, name) AS (
            SELECT c.oid, 'w', 'changed', c.name FROM changed c
            UNION SELECT pg_catalog.to_regclass(n)::oid, 'w', 'new', NULL FROM unnest($4::text[]) n UNION SELECT pg_catalog.to_regclass(n)::oid, 'w', 'removed', NULL FROM unnest($5::text[]) n
            UNION SELECT e.oid, e.way, e.how, e.name FROM written w, LATERAL (
                SELECT i.inhparent, 'u', w.how, w.name FROM pg_catalog.pg_inherits i WHERE i.inhrelid = w.oid AND w.way <> 'd'
                UNION ALL SELECT i.inhrelid, 'd', w.how, w.name FROM pg_catalog.pg_inherits i WHERE i.inhparent = w.oid AND w.way <> 'u'
                UNION ALL SELECT c.conrelid, 'w', CASE WHEN w.how = 'removed' AND c.confdeltype = 'c' THEN 'removed' ELSE 'changed' END, CASE WHEN w.how = 'removed' AND c.confdeltype = 'c' THEN NULL ELSE a.attname::text END
                    FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
                    WHERE c.confrelid = w.oid AND c.contype = 'f' AND CASE w.how WHEN 'removed' THEN c.confdeltype IN ('c', 'n', 'd') WHEN 'changed' THEN c.confupdtype IN ('c', 'n', 'd')
                        AND (w.name = '*' OR w.name = ANY (ARRAY(SELECT k.attname::text FROM pg_catalog.pg_attribute k WHERE k.attrelid = c.confrelid AND k.attnum = ANY (c.confkey)))) ELSE false END) e(oid, way, how, name)
        ), raised(oid, words, isread) AS (
            SELECT t.tgrelid, pg_catalog.regexp_split_to_array(pg_catalog.lower(p.prosrc), '[^[:alnum:]_$]+'), l.lanname = 'plpgsql' FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid JOIN pg_catalog.pg_language l ON l.oid = p.prolang
            WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND l.lanname <> 'internal' AND t.tgrelid IN (SELECT w.oid FROM written w WHERE w.way <> 'u')
        )
        SELECT EXISTS (SELECT FROM changed c JOIN own o ON o.oid = c.oid WHERE c.name IS NULL)
            OR ($8 AND (
                EXISTS (SELECT FROM written w JOIN own o ON o.oid = w.oid WHERE w.how = 'changed'
                    AND (w.name IS DISTINCT FROM $11 OR EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = w.oid AND k.contype = 'f' AND k.confupdtype IN ('c', 'n', 'd'))) AND ($7 OR o.every OR w.name = '*' OR w.name = ANY ($6)
                    OR EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = o.oid AND a.attgenerated <> '' AND a.attname = ANY ($6))))
                OR EXISTS (SELECT FROM written w JOIN looked l ON l.oid = w.oid WHERE w.how <> 'changed' OR l.every OR w.name IS NULL OR w.name = '*' OR w.name = ANY ($6))
                OR EXISTS (SELECT FROM looked l JOIN pg_catalog.pg_class c ON c.oid = l.oid WHERE l.oid <> pg_catalog.to_regclass($1)::oid AND c.relname = ANY ($10))
                OR EXISTS (SELECT FROM raised r WHERE NOT r.isread OR 'execute' = ANY (r.words)
                    OR EXISTS (SELECT FROM pg_catalog.pg_proc p WHERE p.proname = ANY (r.words) AND p.pronamespace <> 'pg_catalog'::regnamespace AND p.prorettype <> 'trigger'::regtype)
                    OR EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid IN (SELECT oid FROM own UNION ALL SELECT oid FROM looked) AND pg_catalog.lower(c.relname) = ANY (r.words))
                    OR EXISTS (SELECT FROM pg_catalog.pg_attribute a JOIN own o ON o.oid = a.attrelid WHERE o.oid = r.oid AND a.attnum > 0 AND a.attname = ANY ($6) AND pg_catalog.lower(a.attname) = ANY (r.words)))
                OR EXISTS (SELECT FROM written w JOIN pg_catalog.pg_class c ON c.oid = w.oid WHERE w.way <> 'u' AND (c.relkind IN ('v', 'f')
                    OR EXISTS (SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type <> '1')))
                OR EXISTS (SELECT FROM written w JOIN pg_catalog.pg_attrdef f ON f.adrelid = w.oid JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_catalog.pg_proc'::regclass
                    JOIN pg_catalog.pg_proc p ON p.oid = d.refobjid AND p.provolatile = 'v' JOIN pg_catalog.pg_language l ON l.oid = p.prolang AND l.lanname NOT IN ('c', 'internal'))))
        """;

    /// <param name="bringsRows">Writes that can add violating rows; otherwise writes that can remove them.</param>
    public static async Task<bool> ReachAsync(NpgsqlConnection connection, LiveQuestion question, WrittenTables written, bool bringsRows, CancellationToken ct) => written.IsUnseen || (!written.IsNone && await connection.ScalarAsync<bool>(
        Sql, ct, Names(written.Changed), Names(written.Filled), Names([question.Relation, .. question.Parent is { } parent ? [parent] : (RelationName[])[]]),
        Names(question.ForeignKey is { } key ? [key.Referenced] : []), question.Kind == LiveFactKind.Constraint ? question.Condition! : "", Names(written.Removed), bringsRows));

    /// <summary>Whether rows that were there can fit a condition by the time the statement runs, although none fits it now.</summary>
    public static async Task<bool> CanFitAsync(NpgsqlConnection connection, LiveQuestion question, WrittenTables written, CancellationToken ct)
    {
        var chooses = question.Kind == LiveFactKind.RowsWhere ? question.Chooses : null;
        if (question.DependsOnSession)
            return true;
        if (chooses is not null && ReadsAny(chooses, written.Renamed, question.Alias ?? question.Relation.Name))
            return true;
        if (written.IsNone && written.Renamed.Count == 0)
            return false;
        if (written.AreValuesUnseen || chooses?.Contains("current_setting", StringComparison.OrdinalIgnoreCase) == true)
            return chooses is not null;
        var read = Read(chooses, question.Alias ?? question.Relation.Name, question.Relation.Name);
        return await connection.ScalarAsync<bool>(
            CanFitSql, ct, question.Relation.Sql, Names(written.Columns.Select(c => c.Table)), written.Columns.Select(c => c.Column).ToArray(), Names(written.Filled), Names(written.Removed), read.Names, read.IsAnyColumn, chooses is not null, read.IsItself, written.Renamed.ToArray(), question.Overwrite?.OnlyColumn ?? "");
    }

    /// <summary>Whether rows that were there can refer to new rows of the table by now, and are deleted or changed with these.</summary>
    /// <param name="keys">Those of the set.</param>
    public static async Task<bool> RefersToNewAsync(NpgsqlConnection connection, LiveQuestion question, WrittenTables written, ForeignKeyChanges keys, CancellationToken ct) => question.Overwrite is null && written.Filled.Contains(question.Relation)
        && (keys.Added.Exists(k => k.OnDelete is 'c' or 'n' or 'd' && k.Key.Referenced.Name == question.Relation.Name && (question.Relation.Schema ?? k.Key.Referenced.Schema) == k.Key.Referenced.Schema && k.MayRefer(written)) || await connection.ScalarAsync<bool>(
        """
        SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint k JOIN unnest($2::text[], $3::text[]) w(t, c) ON pg_catalog.to_regclass(w.t) = k.conrelid
            WHERE k.contype = 'f' AND k.confrelid = pg_catalog.to_regclass($1) AND k.confdeltype IN ('c', 'n', 'd')
                AND (w.c IS NULL OR w.c = '*' OR w.c IN (SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey))))
        """, ct, question.Relation.Sql, Names(written.Columns.Select(c => c.Table)), written.Columns.Select(c => c.Column).ToArray()));

    /// <summary>Whether a condition reads a table or view of these names.</summary>
    private static bool ReadsAny(string chooses, ImmutableHashSet<string> names, string own)
    {
        if (names.Count == 0 || SqlSplitter.Split(chooses) is not [var only])
            return names.Count > 0;
        var tokens = only.Tokens;
        return Enumerable.Range(0, tokens.Count).Any(i => tokens[i].IsName && tokens[i].Value != own && names.Contains(tokens[i].Value) && IsTable(i));

        // Behind FROM, JOIN and the like, or a comma between tables, with or without its schema.
        bool IsTable(int i)
        {
            var before = i > 1 && tokens[i - 1].IsMark('.') ? i - 3 : i - 1;
            return before >= 0 && (tokens[before].Is("from") || tokens[before].Is("join") || tokens[before].Is("using") || tokens[before].Is("only") || tokens[before].Is("table") || tokens[before].Is("lateral") || tokens[before].IsMark(','));
        }
    }

    /// <summary>The names in a condition, and whether it can read columns that it does not name: with *, TABLE, NATURAL, or the row as a whole.</summary>
    private static (string[] Names, bool IsAnyColumn, bool IsItself) Read(string? chooses, string alias, string table)
    {
        if (chooses is null)
            return ([], false, false);
        if (SqlSplitter.Split(chooses) is not [var only])
            return ([], true, true);
        var tokens = only.Tokens;
        var isAny = Enumerable.Range(0, tokens.Count).Any(i => tokens[i].IsOperator("*") || tokens[i].Is("table") || tokens[i].Is("natural")
            || (IsAlone(i, alias) && (tokens[i - 1].IsMark('(') || (i + 1 < tokens.Count && tokens[i + 1].IsOperator("::")))));
        return ([.. tokens.Where(t => t.IsName).Select(t => t.Value).Distinct()], isAny, Enumerable.Range(0, tokens.Count).Any(i => IsAlone(i, table)));

        bool IsAlone(int i, string name) => i > 0 && tokens[i].IsName && tokens[i].Value == name && !(i + 1 < tokens.Count && tokens[i + 1].IsMark('.'));
    }

    private static string[] Names(IEnumerable<RelationName> tables) => [.. tables.Select(t => t.Sql)];
}
