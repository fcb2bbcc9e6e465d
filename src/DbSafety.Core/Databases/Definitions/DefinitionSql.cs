namespace DbSafety.Databases.Definitions;

/// <summary>
/// Pieces of the queries that read definitions. Each query returns nine columns that identify the object of a row (<see cref="Object"/>), then a
/// column for each property, with its display name. Null or false is the default of the property.
/// </summary>
internal static class DefinitionSql
{
    /// <summary>Objects of these schemas are dumped; system objects have OIDs lower than <see cref="FirstOid"/>.</summary>
    public const string UserSchemas = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

    public const string FirstOid = "16384";

    private const string IsSecret = "o.option_name ~* 'pass|secret|token|private|credential'";

    /// <summary>The catalog and OID of an object, no parent, and its name.</summary>
    /// <param name="alias">The catalog's alias.</param>
    /// <param name="kind">SQL for the kind of object.</param>
    /// <param name="schema">SQL for its schema.</param>
    /// <param name="name">SQL for its name, to be quoted; <c>NULL</c>: the suffix is all of it.</param>
    /// <param name="suffix">SQL for what follows the name.</param>
    public static string Object(string alias, string kind, string schema, string name, string suffix = "NULL") =>
        $"{alias}.tableoid, {alias}.oid, 0, 0::oid, 0::oid, {kind}, {schema}, {name}, {suffix}";

    /// <summary>The same of an object that belongs to another one.</summary>
    public static string Object(string alias, string parentCatalog, string parent, string kind, string schema, string name, string suffix = "NULL") =>
        $"{alias}.tableoid, {alias}.oid, 0, {parentCatalog}::oid, {parent}, {kind}, {schema}, {name}, {suffix}";

    public const string Classes = "'pg_class'::regclass", Types = "'pg_type'::regclass";

    public static string Owner(string column) => $"""pg_get_userbyid({column}) AS "owner" """;

    /// <summary>An array of texts, independent of its order.</summary>
    public static string List(string column) => $"(SELECT string_agg(o, ', ' ORDER BY o) FROM unnest({column}) o)";

    /// <summary>Options of a foreign-data wrapper and its objects, as two properties: passwords are not readable.</summary>
    public static string Options(string column) => $"""
        (SELECT string_agg(o.option_name || '=' || o.option_value, ', ' ORDER BY o.option_name) FROM pg_options_to_table({column}) o WHERE NOT {IsSecret}) AS "options",
        (SELECT string_agg(o.option_name || '=' || o.option_value, ', ' ORDER BY o.option_name) FROM pg_options_to_table({column}) o WHERE {IsSecret}) AS "password"
        """;

    /// <summary>The name of a collation other than the type's.</summary>
    public static string Collation(string column, string typeDefault) =>
        $"CASE WHEN {column} <> 0 AND {column} <> {typeDefault} THEN (SELECT {Qualified("cn.nspname", "co.collname")} FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = {column}) END";

    public static string Qualified(string schema, string name) => $"CASE {schema} WHEN 'pg_catalog' THEN '' ELSE quote_ident({schema}) || '.' END || quote_ident({name})";

    /// <summary>A function by its name; null if there is none.</summary>
    public static string Function(string column) => $"nullif({column}::regproc::text, '-')";

    /// <summary>In the words of ALTER … ENABLE and DISABLE.</summary>
    public static string State(string column) => $"""CASE {column} WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' END AS "state" """;
}
