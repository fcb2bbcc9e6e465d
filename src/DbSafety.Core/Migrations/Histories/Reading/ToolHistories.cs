using System.Security.Cryptography;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Sources;
using Npgsql;

namespace DbSafety.Migrations.Histories.Reading;

/// <summary>A migration history in a database.</summary>
internal sealed record FoundHistory(HistoryTable History, string Schema, string Table, bool IsReadable)
{
    public string Name => SqlName.Display(Schema, Table);

    /// <summary>It was found by its columns.</summary>
    public bool HasOtherName => Table != History.Table;
}

/// <summary>One row of a tool's history.</summary>
/// <param name="State">applied, failed, or upto: this version and all earlier versions are applied.</param>
internal sealed record HistoryRow(string Key, DateTimeOffset? At, string State, string? Checksum);

/// <summary>Finds the histories of migration tools in a database, and reads them. Nothing is written.</summary>
internal static class ToolHistories
{
    /// <summary>Schemas in which a service has the history of its own tables, which do not belong to a project.</summary>
    public static readonly string[] Services =
        ["realtime", "_realtime", "_analytics", "supabase_functions", "_supavisor", "graphql", "graphql_public", "vault", "net", "cron", "pgbouncer", "pgsodium", "graphile_worker"];

    /// <summary>
    /// Also Supabase's own schemas: a project can have schemas with the same names. Supabase's are identified by their owners, or, in a copy that was restored without owners, by Supabase's tables in them.
    /// </summary>
    public const string IsSupabase =
        """
        n.nspname IN ('auth', 'storage') AND (pg_catalog.pg_get_userbyid(n.nspowner) LIKE 'supabase\_%' OR (
            SELECT pg_catalog.count(*) FROM pg_catalog.pg_class o JOIN pg_catalog.pg_attribute k ON k.attrelid = o.oid
            WHERE o.relnamespace = n.oid AND (o.relname, k.attname) IN (('users', 'raw_app_meta_data'), ('refresh_tokens', 'instance_id'), ('objects', 'bucket_id'), ('buckets', 'public'))) = 2)
        """;

    /// <param name="configured">Tables for which the project has configured names.</param>
    public static async Task<IReadOnlyList<FoundHistory>> FindAsync(NpgsqlConnection connection, CancellationToken ct, IReadOnlyList<HistoryTable>? configured = null)
    {
        HistoryTable[] all = [.. configured ?? [], .. HistoryTable.All];
        var names = all.Select(h => h.Table).Distinct(StringComparer.Ordinal).ToArray();
        var tables = await connection.ListAsync(
            $"""
            SELECT n.nspname, c.relname, pg_catalog.array_agg(a.attname::text), pg_catalog.has_table_privilege(c.oid, 'SELECT') AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname = ANY ($1) AND n.nspname <> ALL ($2)
              AND NOT ({IsSupabase}) AND n.nspname !~ '^pg_'
            GROUP BY n.nspname, n.oid, c.relname, c.oid ORDER BY n.nspname, c.relname
            """,
            r => (Schema: r.GetString(0), Table: r.GetString(1), Columns: r.GetFieldValue<string[]>(2), IsReadable: r.GetBoolean(3)), ct, names, Services);
        return [.. tables.Select(t => (all.FirstOrDefault(h => h.Is(t.Schema, t.Table, t.Columns)) ?? HistoryTable.OfOtherShape(t.Table, t.Columns)) is { } history ? new FoundHistory(history, t.Schema, t.Table, t.IsReadable) : null).OfType<FoundHistory>()];
    }

    /// <summary>Tables with other names and exactly the columns of a history. A table that is large according to the statistics is not a history: reading its size would wait for its locks.</summary>
    public static async Task<IReadOnlyList<FoundHistory>> FindByColumnsAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var tables = await connection.ListAsync(
            $"""
            SELECT n.nspname, c.relname, pg_catalog.array_agg(a.attname || ':' || CASE t.typcategory WHEN 'D' THEN t.typname::text ELSE t.typcategory::text END)
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
            WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND NOT c.relispartition AND c.relnatts < 20 AND n.nspname <> ALL ($1)
              AND NOT ({IsSupabase}) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
              AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND c.relpages < 2048
              AND NOT (c.relrowsecurity AND pg_catalog.row_security_active(c.oid))
            GROUP BY n.nspname, c.relname, c.oid ORDER BY n.nspname, c.relname
            """,
            r => (Schema: r.GetString(0), Table: r.GetString(1), Columns: r.GetFieldValue<string[]>(2)), ct, (object)Services);
        return [.. tables.SelectMany(t => HistoryColumns.Of(t.Columns).Where(h => h.Table != t.Table).Select(h => new FoundHistory(h, t.Schema, t.Table, IsReadable: true)))];
    }

    /// <summary>Whether a row is about one of these files itself, and not only about a later version.</summary>
    public static bool IsOf(HistoryRow row, IReadOnlyList<MigrationFile> files) => row.State == "upto" ? files.Any(f => FileKeys.IsVersion(f, row.Key)) : Named(row, files).Any();

    /// <summary>For a table that may not be a history: does not wait for locks. Null: it cannot be read.</summary>
    public static async Task<List<HistoryRow>?> TryReadAsync(NpgsqlConnection connection, FoundHistory found, CancellationToken ct) =>
        found.HasOtherName ? await GuardedRead.ListAsync(connection, () => ReadAsync(connection, found, ct), ct) : await ReadAsync(connection, found, ct);

    public static Task<List<HistoryRow>> ReadAsync(NpgsqlConnection connection, FoundHistory found, CancellationToken ct) =>
        connection.ListAsync(
            found.History.Rows.Replace("{0}", SqlName.Quote(found.Schema, found.Table), StringComparison.Ordinal),
            r => new HistoryRow(r.GetString(0), r.IsDBNull(1) ? null : r.GetFieldValue<DateTimeOffset>(1), r.GetString(2), r.Text(3)), ct);

    /// <summary>Which of these files a row names.</summary>
    public static IEnumerable<MigrationFile> Named(HistoryRow row, IReadOnlyList<MigrationFile> files)
    {
        if (files.Any(f => f.ChangeSet is not null))
            return LiquibaseChangeSet.Named(row.Key, files);
        if (row.State != "upto")
        {
            // Sqitch records the hash of the script: a reworked change has more than one.
            if (row.Checksum is { Length: 40 } hash && files.FirstOrDefault(f => SqitchHash(f) == hash) is { } same)
                return [same];
            var ways = FileKeys.OfRow(row.Key);
            var named = files.Where(f => FileKeys.Of(f).Overlaps(ways)).ToList();
            // Tools that store versions as text distinguish 1 from 01.
            if (named.Count > 1 && named.Where(f => FileKeys.Version(f) == row.Key).ToList() is { Count: > 0 } exact)
                return exact;
            // Liquibase names a file with the folders that lead to it from where it was run.
            return named.Count > 0 ? named : files.Where(f => new[] { row.Key, row.Key.Split("::")[0] }.Any(k => k == f.Name || k.EndsWith("/" + f.Name, StringComparison.Ordinal) || k.EndsWith(":" + f.Name, StringComparison.Ordinal)));
        }

        var last = SqlFileName.Read(row.Key + "_").Version;
        // A baseline script leaves the checksum in its row; Flyway's command "baseline" has none.
        return files.Where(f => !f.IsRepeatable && FileKeys.Version(f) is { } version && SqlFileOrder.Compare(SqlFileName.Read(version.Replace('_', '.') + "_").Version, last) is var order
            && (f.IsBaseline ? order == 0 && row.Checksum is not null : order <= 0));
    }

#pragma warning disable CA5350 // It only tells files apart, and sqitch has no other.
    private static string? SqitchHash(MigrationFile file) => file.Bytes is null ? null : Convert.ToHexStringLower(SHA1.HashData(file.Bytes));
#pragma warning restore CA5350
}
