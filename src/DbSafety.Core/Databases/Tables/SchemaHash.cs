using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Databases.Tables;

/// <summary>
/// Version 1 of the hash over definitions, for backups and fingerprints that contain it: it covers neither owners and privileges nor every
/// property of an object. <see cref="Definitions.SchemaDefinitions"/> computes the current version.
/// PostgreSQL prints an expression differently each time it is stored, with other parentheses and casts
/// (<c>x IN ('a')</c> on a varchar becomes two different texts before and after a dump), so both are taken out before hashing.
/// </summary>
internal static partial class SchemaHash
{
    public const int Version = 1;

    private const string UserSchemas = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp_|toast_temp_)'";

    /// <summary>One query for each kind of object; each returns a text for each object.</summary>
    private static readonly string[] Queries =
    [
        $"SELECT 'schema ' || n.nspname FROM pg_namespace n WHERE {UserSchemas} AND {NotOfExtension("pg_namespace", "n")}",
        $"""
        SELECT 'column ' || n.nspname || '.' || c.relname || ' ' || c.relkind::text || c.relpersistence::text || ' '
               || row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum) || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
               || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END || ' ' || a.attidentity::text || a.attgenerated::text || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND c.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped AND {UserSchemas} AND {NotOfExtension("pg_class", "c")}
        """,
        // In PostgreSQL 18 and later, NOT NULL is also a constraint ('n'); the column already contains it.
        $"""
        SELECT 'constraint ' || n.nspname || '.' || coalesce(c.relname, t.typname) || ' ' || o.conname || ' ' || o.contype::text || o.convalidated || ' ' || pg_get_constraintdef(o.oid)
        FROM pg_constraint o JOIN pg_namespace n ON n.oid = o.connamespace LEFT JOIN pg_class c ON c.oid = o.conrelid LEFT JOIN pg_type t ON t.oid = o.contypid
        WHERE o.contype <> 'n' AND {UserSchemas} AND {NotOfExtension("pg_constraint", "o")} AND (c.oid IS NULL OR {NotOfExtension("pg_class", "c")})
        """,
        $"SELECT 'index ' || pg_get_indexdef(i.indexrelid) || i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' AND {UserSchemas} AND {NotOfExtension("pg_class", "c")}",
        $"SELECT 'view ' || n.nspname || '.' || c.relname || ' ' || pg_get_viewdef(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND c.relpersistence <> 't' AND {UserSchemas} AND {NotOfExtension("pg_class", "c")}",
        $"SELECT 'function ' || n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ') ' || coalesce(pg_get_function_result(p.oid), '') || ' ' || p.prosecdef || p.provolatile::text || ' ' || p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {UserSchemas} AND {NotOfExtension("pg_proc", "p")}",
        $"SELECT 'trigger ' || pg_get_triggerdef(g.oid) || g.tgenabled::text FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT g.tgisinternal AND c.relpersistence <> 't' AND {UserSchemas} AND {NotOfExtension("pg_class", "c")}",
        $"SELECT 'rule ' || pg_get_ruledef(r.oid) FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.rulename <> '_RETURN' AND {UserSchemas} AND {NotOfExtension("pg_class", "c")}",
        $"SELECT 'policy ' || n.nspname || '.' || c.relname || ' ' || p.polname || ' ' || p.polcmd::text || p.polpermissive || ' ' || coalesce(pg_get_expr(p.polqual, p.polrelid), '') || ' ' || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {UserSchemas}",
        $"SELECT 'row security ' || n.nspname || '.' || c.relname || c.relforcerowsecurity FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relrowsecurity AND {UserSchemas}",
        $"SELECT 'type ' || n.nspname || '.' || t.typname || ' ' || t.typtype::text || ' ' || coalesce((SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid), '') || CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) || t.typnotnull || coalesce(t.typdefault, '') ELSE '' END FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd', 'r') AND {UserSchemas} AND {NotOfExtension("pg_type", "t")}",
        $"SELECT 'sequence ' || n.nspname || '.' || c.relname || ' ' || s.seqincrement || ' ' || s.seqmin || ' ' || s.seqmax || ' ' || s.seqstart || s.seqcycle || format_type(s.seqtypid, NULL) FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relpersistence <> 't' AND {UserSchemas} AND {NotOfExtension("pg_class", "c")}",
        "SELECT 'extension ' || extname FROM pg_extension",
        "SELECT 'event trigger ' || evtname || ' ' || evtevent || evtenabled::text FROM pg_event_trigger e WHERE NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = e.oid AND d.deptype = 'e')",
        "SELECT 'publication ' || pubname || puballtables FROM pg_publication",
    ];

    public static async Task<string> ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var previous = await connection.ScalarAsync<string>("SELECT pg_catalog.current_setting('search_path')", ct) ?? "";
        // With only pg_catalog in search_path, every name is printed with its schema.
        await connection.ExecuteAsync("SELECT pg_catalog.set_config('search_path', 'pg_catalog', false)", ct);
        var lines = new List<string>();
        foreach (var query in Queries)
            lines.AddRange(await connection.ListAsync(query, r => Normalize(r.GetString(0)), ct));
        await connection.ExecuteAsync("SELECT pg_catalog.set_config('search_path', $1, false)", ct, previous);
        lines.Sort(StringComparer.Ordinal);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))));
    }

    private static string NotOfExtension(string catalogue, string alias) =>
        $"NOT EXISTS (SELECT 1 FROM pg_depend x WHERE x.classid = '{catalogue}'::regclass AND x.objid = {alias}.oid AND x.deptype = 'e')";

    internal static string Normalize(string definition) => Brackets().Replace(Casts().Replace(definition, ""), "");

    [GeneratedRegex("""::(character varying|timestamp with(out)? time zone|time with(out)? time zone|double precision|bit varying|"[^"]+"|[\w.]+)(\(\d+(,\d+)?\))?(\[\])*""")]
    private static partial Regex Casts();

    [GeneratedRegex(@"[()\s;]+")]
    private static partial Regex Brackets();
}
