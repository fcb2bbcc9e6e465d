using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>The tables that existed when a transaction began, with the file and the size of each: the minimum that is read each time.</summary>
internal sealed class ExistingTables
{
    private readonly IReadOnlyDictionary<uint, (uint FileNode, long Bytes)> tables;

    private ExistingTables(IReadOnlyDictionary<uint, (uint FileNode, long Bytes)> tables) => this.tables = tables;

    public static ExistingTables None { get; } = new(new Dictionary<uint, (uint FileNode, long Bytes)>());

    public static async Task<ExistingTables> ReadAsync(NpgsqlConnection connection, CancellationToken ct) =>
        new((await connection.ListAsync(
            $"""
            SELECT c.oid, c.relfilenode, CASE WHEN c.relkind = 'p' THEN 0 ELSE coalesce({RelationSize.Sql}, 0) END
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'm') AND c.oid >= 16384 AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'dbsafety'
            """,
            r => (Oid: r.GetFieldValue<uint>(0), FileNode: r.GetFieldValue<uint>(1), Bytes: r.GetInt64(2)), ct)).ToDictionary(t => t.Oid, t => (t.FileNode, t.Bytes)));

    public bool Contains(uint oid) => tables.ContainsKey(oid);

    /// <summary>Whether a table was dropped, or its rows are in another file now.</summary>
    public Task<bool> HaveChangedAsync(NpgsqlConnection connection, CancellationToken ct) =>
        connection.ScalarAsync<bool>(
            """
            SELECT EXISTS (SELECT FROM unnest($1::oid[], $2::oid[]) AS t(oid, filenode)
                           LEFT JOIN pg_catalog.pg_class c ON c.oid = t.oid WHERE c.relfilenode IS DISTINCT FROM t.filenode)
            """,
            ct, tables.Keys.Select(k => (long)k).ToArray(), tables.Values.Select(t => (long)t.FileNode).ToArray());

    /// <summary>The file of its rows.</summary>
    public uint FileNode(uint oid) => tables[oid].FileNode;

    /// <summary>Those of a census that are among these, with the sizes of here.</summary>
    public StructureCensus Of(StructureCensus census) =>
        new(census.Tables.Values.Where(t => tables.ContainsKey(t.Oid)).ToDictionary(t => t.Oid, t => t with { FileNode = tables[t.Oid].FileNode, Bytes = tables[t.Oid].Bytes }));
}
