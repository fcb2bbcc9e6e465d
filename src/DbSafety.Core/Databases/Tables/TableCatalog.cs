using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Databases.Tables;

/// <summary>
/// Which relations of a database have rows that a dump contains, and which relations it always omits
/// (https://www.postgresql.org/docs/current/app-pgdump.html): the rows of foreign tables and materialized views, and tables that belong
/// to an extension, except those that the extension registered as its configuration tables
/// (https://www.postgresql.org/docs/current/extend-extensions.html#EXTEND-EXTENSIONS-CONFIG-TABLES).
/// </summary>
internal sealed record TableCatalog(IReadOnlyList<TableCatalog.Table> Tables, IReadOnlyList<TableCatalog.Omission> LeftOut)
{
    // A table that was dropped after the snapshot no longer has privileges.
    // Temporary tables and the system catalogs are never dumped. Partitioned tables hold no rows of their own.
    private const string Sql = $"""
        SELECT n.nspname, c.relname, c.relkind::text, c.relpages::bigint,
               EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
                       WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') AS of_extension,
               coalesce(pg_catalog.has_table_privilege(c.oid, 'SELECT'), true), c.oid, tree.root_schema, tree.root_name, coalesce(tree.by_root, false),
               config.extname, coalesce(config.condition, '')
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN ({PartitionTree.Sql}) AS tree ON tree.oid = c.oid
        LEFT JOIN (SELECT x.extname, k.relation, k.condition
                   FROM pg_catalog.pg_extension x CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(x.extconfig), pg_catalog.unnest(x.extcondition)) AS k (relation, condition))
               AS config ON config.relation = c.oid AND c.relkind = 'r'
        WHERE c.relkind IN ('r', 'm', 'f') AND c.relpersistence <> 't'
          AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp_|toast_temp_)'
        ORDER BY n.nspname, c.relname
        """;

    /// <summary>A table whose rows are dumped, with its size in pages of 8 KiB as last vacuumed.</summary>
    /// <param name="Oid">The table's OID.</param>
    public sealed record Table(string Schema, string Name, long Pages, bool Readable, uint Oid)
    {
        public string Quoted => SqlName.Quote(Schema, Name);

        /// <inheritdoc cref="Backups.TableCount.Root"/>
        public TableName? Root { get; init; }

        /// <inheritdoc cref="Backups.TableCount.LoadsByRoot"/>
        public bool LoadsByRoot { get; init; }

        /// <inheritdoc cref="Backups.TableCount.Extension"/>
        public string? Extension { get; init; }

        /// <summary>Which rows are dumped, with its <c>WHERE</c>; empty: all.</summary>
        public string Condition { get; init; } = "";

        /// <summary>The rows that are dumped, as pg_dump selects them: with a condition, rows of tables that inherit from it too.</summary>
        public string Source => Condition.Length == 0 ? "ONLY " + Quoted : $"{Quoted} {Condition}\n";

        public TableCount Counted(long rows, string? checksum) =>
            new(Schema, Name, rows) { Checksum = checksum, Root = Root, LoadsByRoot = LoadsByRoot ? true : null, Extension = Extension };
    }

    /// <summary>A relation whose rows are not dumped.</summary>
    public sealed record Omission(string Kind, string Schema, string Name)
    {
        public override string ToString() => $"{Kind} {SqlName.Display(Schema, Name)}";
    }

    /// <summary>A description of what is omitted.</summary>
    public IReadOnlyList<string> LeftOutWords => [.. LeftOut.Select(o => o.ToString())];

    public static async Task<TableCatalog> ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var rows = await connection.ListAsync(
            Sql,
            r => (Table: new Table(r.GetString(0), r.GetString(1), r.GetInt64(3), r.GetBoolean(5), r.GetFieldValue<uint>(6))
            {
                Root = r.Text(7) is { } root ? new TableName(root, r.GetString(8)) : null,
                LoadsByRoot = r.GetBoolean(9),
                Extension = r.Text(10),
                Condition = r.GetString(11),
            }, Kind: r.GetString(2), OfExtension: r.GetBoolean(4)),
            ct);
        return new TableCatalog(
            [.. rows.Where(r => IsDumped(r.Kind, r.OfExtension, r.Table)).Select(r => r.Table)],
            [.. rows.Where(r => !IsDumped(r.Kind, r.OfExtension, r.Table)).Select(r => new Omission(Reason(r.Kind), r.Table.Schema, r.Table.Name))]);
    }

    private static bool IsDumped(string kind, bool ofExtension, Table table) => kind == "r" && (!ofExtension || table.Extension is not null);

    private static string Reason(string kind) => kind switch
    {
        "m" => "materialized view",
        "f" => "foreign table",
        _ => "extension's own table",
    };
}
