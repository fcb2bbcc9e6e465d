using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Commands.Parsing;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Outcomes;

/// <summary>Checks whether an object of that kind and name exists.</summary>
internal static class ObjectCatalog
{
    /// <summary>The catalogs of each kind, with the prefix of their columns.</summary>
    private static readonly Dictionary<ObjectKind, (string Catalog, string Prefix)[]> Catalogs = new()
    {
        [ObjectKind.Type] = [("pg_type", "typ")],
        [ObjectKind.Domain] = [("pg_type", "typ")],
        [ObjectKind.Function] = [("pg_proc", "pro")],
        [ObjectKind.Procedure] = [("pg_proc", "pro")],
        [ObjectKind.Routine] = [("pg_proc", "pro")],
        [ObjectKind.Aggregate] = [("pg_proc", "pro")],
        [ObjectKind.Operator] = [("pg_operator", "opr")],
        [ObjectKind.OperatorClass] = [("pg_opclass", "opc")],
        [ObjectKind.OperatorFamily] = [("pg_opfamily", "opf")],
        [ObjectKind.Collation] = [("pg_collation", "coll")],
        [ObjectKind.Conversion] = [("pg_conversion", "con")],
        [ObjectKind.Statistics] = [("pg_statistic_ext", "stx")],
        [ObjectKind.TextSearch] = [("pg_ts_config", "cfg"), ("pg_ts_dict", "dict"), ("pg_ts_parser", "prs"), ("pg_ts_template", "tmpl")],
        [ObjectKind.Schema] = [("pg_namespace", "nsp")],
        [ObjectKind.Extension] = [("pg_extension", "ext")],
        [ObjectKind.EventTrigger] = [("pg_event_trigger", "evt")],
        [ObjectKind.Publication] = [("pg_publication", "pub")],
        [ObjectKind.Language] = [("pg_language", "lan")],
        [ObjectKind.Server] = [("pg_foreign_server", "srv")],
        [ObjectKind.ForeignDataWrapper] = [("pg_foreign_data_wrapper", "fdw")],
        [ObjectKind.Role] = [("pg_roles", "rol")],
        [ObjectKind.Tablespace] = [("pg_tablespace", "spc")],
        [ObjectKind.Database] = [("pg_database", "dat")],
        [ObjectKind.AccessMethod] = [("pg_am", "am")],
    };

    /// <summary>Null: unknown. A name without a schema is searched on the search path, as PostgreSQL does.</summary>
    public static async Task<bool?> IsThereAsync(NpgsqlConnection connection, ObjectKind kind, RelationName name, CancellationToken ct)
    {
        if (ObjectKinds.IsRelation(kind))
            return await connection.ScalarAsync<bool>("SELECT pg_catalog.to_regclass($1) IS NOT NULL", ct, name.Sql);
        if (!Catalogs.TryGetValue(kind, out var catalogs))
            return null;
        // An operator is named by its text, with its schema, and searched in every schema.
        var own = kind == ObjectKind.Operator ? name.Name[(name.Name.LastIndexOf('.') + 1)..].Trim() : name.Name;
        foreach (var (catalog, prefix) in catalogs)
        {
            // An array type is renamed if a type with its name is created.
            var isOnPath = kind == ObjectKind.Operator ? "true" : $"{prefix}namespace IN (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = ANY (pg_catalog.current_schemas(true)))";
            var filter = (ObjectNames.IsInSchema(kind) ? $" AND CASE WHEN $2 = '' THEN {isOnPath} ELSE {prefix}namespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $2) END" : " AND $2 = $2") + (catalog == "pg_type" ? " AND NOT (typelem <> 0 AND typlen = -1)" : "");
            if (await connection.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM pg_catalog.{catalog} WHERE {prefix}name = $1{filter})", ct, own, name.Schema ?? ""))
                return true;
        }

        return false;
    }

    /// <summary>A trigger, policy or rule of a table, which may not exist itself. Null: unknown.</summary>
    public static async Task<bool?> IsPartAsync(NpgsqlConnection connection, ObjectKind kind, RelationName table, string name, CancellationToken ct) => kind switch
    {
        ObjectKind.Trigger => await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = pg_catalog.to_regclass($1) AND tgname = $2)", ct, table.Sql, name),
        ObjectKind.Policy => await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_policy WHERE polrelid = pg_catalog.to_regclass($1) AND polname = $2)", ct, table.Sql, name),
        ObjectKind.Rule => await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_rewrite WHERE ev_class = pg_catalog.to_regclass($1) AND rulename = $2)", ct, table.Sql, name),
        _ => null,
    };
}
