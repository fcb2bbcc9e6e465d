using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.TypeChanges;
using Npgsql;

namespace DbSafety.Migrations.Outcomes;

/// <summary>A relation of any kind, as in the catalog.</summary>
/// <param name="IsChild">It inherits from another table, or is a partition.</param>
internal sealed record CatalogRelation(uint Oid, string Schema, string Name, char Kind, char Persistence, bool IsPartition, bool IsTyped, bool IsChild, bool HasChildren)
{
    public bool IsTable => Kind is 'r' or 'p' or 'f';

    public string Sql => SqlName.Quote(Schema, Name);

    /// <summary>As PostgreSQL's messages quote it.</summary>
    public string Quoted => SqlName.Quote(Name);

    public LiveTable Table => new(Oid, Schema, Name, Kind);

    public static async Task<CatalogRelation?> FindAsync(NpgsqlConnection connection, RelationName name, CancellationToken ct) =>
        (await connection.ListAsync(
            """
            SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, c.relispartition, c.reloftype <> 0,
                EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid), EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid)
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = pg_catalog.to_regclass($1)
            """,
            r => new CatalogRelation(r.GetFieldValue<uint>(0), r.GetString(1), r.GetString(2), r.GetChar(3), r.GetChar(4), r.GetBoolean(5), r.GetBoolean(6), r.GetBoolean(7), r.GetBoolean(8)), ct, name.Sql)).FirstOrDefault();
}
