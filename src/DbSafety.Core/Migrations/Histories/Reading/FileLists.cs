using System.Text.RegularExpressions;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Sources;
using Npgsql;

namespace DbSafety.Migrations.Histories.Reading;

/// <summary>A table whose rows name files of a folder, like the history of a project's own script.</summary>
/// <param name="Names">The files that it names.</param>
/// <param name="HasVersionsOnly">Its rows are numbers, which could be the last version or all.</param>
internal sealed record FileList(string Table, IReadOnlyList<string> Names, bool HasVersionsOnly);

/// <summary>Finds tables of any name whose rows name files of a folder. Only small tables are read, and no tables of known tools.</summary>
internal static partial class FileLists
{
    private const int MaxTables = 2000;

    /// <summary>The size limit, sufficient for a table that lists thousands of migrations.</summary>
    private const int MaxRows = 5000;

    /// <summary>The number of tables in one query.</summary>
    private const int Together = 40;

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(10);

    private sealed record Candidate(string Schema, string Table, string[] Texts, string[] Numbers, bool IsHidden, bool IsLocked)
    {
        public string Name => SqlName.Display(Schema, Table);

        /// <summary>It has a typical name of a migration history.</summary>
        public bool IsNamed => HistoryName().IsMatch(Table);

        public string? Unreadable => IsHidden ? "row-level security hides its rows from this role" : IsLocked ? "it is locked by another session" : null;
    }

    /// <param name="known">Tables whose rows have been checked by their tool's rules.</param>
    /// <returns>Those that name files, and those with the name of a history that cannot be read, with the reason.</returns>
    public static async Task<(IReadOnlyList<FileList> Found, IReadOnlyList<string> Unread)> FindAsync(
        NpgsqlConnection connection, IReadOnlyList<MigrationFile> files, IReadOnlySet<(string Schema, string Table)> known, CancellationToken ct)
    {
        var (found, unread, watch) = (new List<FileList>(), new List<string>(), System.Diagnostics.Stopwatch.StartNew());
        var keys = files.SelectMany(f => Keys(f.Name).Select(k => (Key: k, f.Name))).ToLookup(k => k.Key, k => k.Name, StringComparer.Ordinal);
        var versions = files.Where(f => FileKeys.Version(f) is not null).ToLookup(f => FileKeys.Normal(FileKeys.Version(f)!), f => f.Name, StringComparer.Ordinal);
        var tables = (await CandidatesAsync(connection, ct)).Where(t => !known.Contains((t.Schema, t.Table))).OrderByDescending(t => t.IsNamed).Take(MaxTables).ToList();
        foreach (var table in tables.Where(t => t is { IsNamed: true, Unreadable: not null }))
            unread.Add($"{table.Name} has the name of a migration history, but cannot be read: {table.Unreadable}");
        foreach (var some in tables.Where(t => t.Unreadable is null && (t.Texts.Length > 0 || t.IsNamed)).Chunk(Together))
        {
            if (watch.Elapsed > MaxTime)
            {
                unread.Add($"not all tables were searched for the names of these files within {MaxTime.TotalSeconds:0} s");
                break;
            }

            // A table that cannot be read makes the query for all tables fail.
            var parts = await NamesAsync(connection, some, keys, ct) is { } all ? [(some, all)] : new List<(Candidate[] Tables, ILookup<int, string>? Names)>();
            foreach (var table in parts.Count > 0 ? [] : some)
                parts.Add(([table], await NamesAsync(connection, [table], keys, ct)));
            foreach (var (read, names) in parts)
            {
                for (var at = 0; at < read.Length; at++)
                {
                    if (names is null && read[at].IsNamed)
                        unread.Add($"{read[at].Name} has the name of a migration history, but cannot be read: it is locked by another session, or too large");
                    else if (names?[at].SelectMany(n => keys[n]).ToHashSet(StringComparer.Ordinal) is { Count: > 0 } named)
                        found.Add(new FileList(read[at].Name, [.. files.Select(f => f.Name).Where(named.Contains)], HasVersionsOnly: false));
                    else if (names is not null && read[at].IsNamed && await VersionsAsync(connection, read[at], versions, ct) is { Count: > 0 } numbered)
                        found.Add(new FileList(read[at].Name, [.. files.Select(f => f.Name).Where(numbered.Contains)], HasVersionsOnly: true));
                }
            }
        }

        return (found, unread);
    }

    /// <summary>How a row can name a file: with its ending; without it where a number and a word are left, which nothing else is called.</summary>
    private static IEnumerable<string> Keys(string name) => name.EndsWith(".sql", StringComparison.OrdinalIgnoreCase) && NumberAndWord().IsMatch(name[..^4]) ? [name, name[..^4]] : [name];

    private static Task<List<Candidate>> CandidatesAsync(NpgsqlConnection connection, CancellationToken ct) =>
        connection.ListAsync(
            $"""
            SELECT n.nspname, c.relname, coalesce(pg_catalog.array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE b.oid IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype, 'name'::regtype) OR t.typname = 'citext'), ARRAY[]::text[]),
                coalesce(pg_catalog.array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE t.oid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype)), ARRAY[]::text[]),
                c.relrowsecurity AND pg_catalog.row_security_active(c.oid),
                EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE l.relation = c.oid AND l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_catalog.pg_backend_pid()
                    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()))
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
            JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
            WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND NOT c.relispartition AND c.relnatts < 20 AND c.relpages < 256 AND c.reltuples < 20000
              AND n.nspname <> ALL ($1) AND n.nspname NOT IN ('information_schema', 'dbsafety') AND n.nspname !~ '^pg_' AND NOT ({ToolHistories.IsSupabase})
              AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
            GROUP BY n.nspname, c.relname, c.oid, c.relrowsecurity ORDER BY n.nspname, c.relname
            """,
            r => new Candidate(r.GetString(0), r.GetString(1), r.GetFieldValue<string[]>(2), r.GetFieldValue<string[]>(3), r.GetBoolean(4), r.GetBoolean(5)), ct, (object)ToolHistories.Services);

    /// <returns>For each table, by its place, what its rows name; null: one of them cannot be read.</returns>
    private static async Task<ILookup<int, string>?> NamesAsync(NpgsqlConnection connection, IReadOnlyList<Candidate> tables, ILookup<string, string> keys, CancellationToken ct)
    {
        var queries = tables.Select((t, at) => (Table: t, At: at)).Where(q => q.Table.Texts.Length > 0).Select(q =>
            $"""
            (SELECT DISTINCT {q.At} AS at, x.name FROM {SqlName.Quote(q.Table.Schema, q.Table.Table)} t,
                LATERAL (SELECT CASE WHEN pg_catalog.octet_length(v) < 400 THEN pg_catalog.regexp_replace(v, E'^.*[/\\\\]', '') END AS name FROM (VALUES {string.Join(", ", q.Table.Texts.Select(c => $"(t.{SqlName.Quote(c)}::text)"))}) AS w (v)) x
            WHERE x.name = ANY ($1) LIMIT {MaxRows})
            """).ToList();
        if (queries.Count == 0)
            return Array.Empty<string>().ToLookup(_ => 0);
        var rows = await GuardedRead.ListAsync(connection, () => connection.ListAsync(string.Join(" UNION ALL ", queries), r => (At: r.GetInt32(0), Name: r.GetString(1)), ct, (object)keys.Select(k => k.Key).ToArray()), ct);
        return rows?.ToLookup(r => r.At, r => r.Name);
    }

    /// <summary>The files of its versions, if a column has nothing but versions of these files. A row number is not a version.</summary>
    private static async Task<HashSet<string>> VersionsAsync(NpgsqlConnection connection, Candidate table, ILookup<string, string> versions, CancellationToken ct)
    {
        foreach (var column in table.Texts.Concat(table.Numbers).Where(c => c != "id"))
        {
            var rows = await GuardedRead.ListAsync(connection, () => connection.ListAsync(
                $"SELECT DISTINCT t.{SqlName.Quote(column)}::text FROM {SqlName.Quote(table.Schema, table.Table)} t WHERE t.{SqlName.Quote(column)} IS NOT NULL LIMIT {MaxRows}", r => r.GetString(0), ct), ct);
            if (rows is { Count: > 0 } && rows.TrueForAll(r => versions.Contains(FileKeys.Normal(r))))
                return rows.SelectMany(r => versions[FileKeys.Normal(r)]).ToHashSet(StringComparer.Ordinal);
        }

        return [];
    }

    [GeneratedRegex(@"^_?((schema|db|database|sql|app|applied)_?)?(migrations?|versions?|changelogs?|patch(es)?|upgrades?|revisions?|scripts?)(_?(history|logs?|applied|info|run))?$", RegexOptions.IgnoreCase)]
    private static partial Regex HistoryName();

    [GeneratedRegex(@"^v?[0-9]+.*[A-Za-z]", RegexOptions.IgnoreCase)]
    private static partial Regex NumberAndWord();
}
