using DbSafety.Databases;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>The statements that empty a database of everything a dump would make again. Extensions and their objects stay.</summary>
internal static class DatabaseClearing
{
    /// <summary>Identity columns' sequences go with their tables. Schemas are dropped whole; what is in public one by one, for public itself often belongs to somebody else.</summary>
    private const string Sql = """
        WITH mine AS (
            SELECT n.oid, n.nspname, n.nspowner FROM pg_catalog.pg_namespace n
            WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp_|toast_temp_)'
              AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e'))
        SELECT format('DROP SCHEMA %I CASCADE', nspname), nspowner FROM mine WHERE nspname <> 'public'
        UNION ALL
        SELECT format('DROP %s IF EXISTS %I.%I CASCADE', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, n.nspname, c.relname), c.relowner
        FROM pg_catalog.pg_class c JOIN mine n ON n.oid = c.relnamespace AND n.nspname = 'public'
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND (d.deptype = 'e' OR (c.relkind = 'S' AND d.deptype = 'i')))
        UNION ALL
        SELECT format('DROP %s IF EXISTS %I.%I(%s) CASCADE', CASE p.prokind WHEN 'a' THEN 'AGGREGATE' WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)), p.proowner
        FROM pg_catalog.pg_proc p JOIN mine n ON n.oid = p.pronamespace AND n.nspname = 'public'
        WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
        UNION ALL
        SELECT format('DROP %s IF EXISTS %I.%I CASCADE', CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, n.nspname, t.typname), t.typowner
        FROM pg_catalog.pg_type t JOIN mine n ON n.oid = t.typnamespace AND n.nspname = 'public' LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
        WHERE (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c') AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
        UNION ALL SELECT format('DROP PUBLICATION IF EXISTS %I', pubname), pubowner FROM pg_catalog.pg_publication
        UNION ALL SELECT format('DROP EVENT TRIGGER IF EXISTS %I', evtname), evtowner FROM pg_catalog.pg_event_trigger e
        WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.objid = e.oid AND d.deptype = 'e')
        """;

    /// <exception cref="DbSafetyException"><c>DBS108</c> something belongs to a role that this one is not a member of.</exception>
    public static async Task<IReadOnlyList<string>> StatementsAsync(NpgsqlConnection connection, string database, CancellationToken ct)
    {
        var drops = await connection.ListAsync(
            $"SELECT s.sql, pg_catalog.pg_has_role(s.owner, 'USAGE'), pg_catalog.pg_get_userbyid(s.owner) FROM ({Sql}) AS s (sql, owner)",
            r => (Statement: r.GetString(0), Mine: r.GetBoolean(1), Owner: r.GetString(2)),
            ct);
        var foreign = drops.Where(d => !d.Mine).ToList();
        if (foreign.Count > 0)
            throw ErrorCatalogue.PermissionDenied.For(database, $"{foreign.Count} objects belong to {string.Join(", ", foreign.Select(d => d.Owner).Distinct())}, the first: {foreign[0].Statement}", "Use a role that owns them, or is a member of their owners. Nothing was touched.");
        return [.. drops.Select(d => d.Statement)];
    }
}
