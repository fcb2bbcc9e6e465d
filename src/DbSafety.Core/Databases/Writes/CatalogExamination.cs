using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Databases.Writes;

/// <summary>A system catalog whose rows describe what users create.</summary>
/// <param name="From">Its rows except those of temporary objects, which end with their session; <c>t</c> is the catalog.</param>
internal sealed record Catalog(string Name, string From);

/// <summary>
/// Definitions are rows too: a catalog row that a snapshot does not see belongs to an object that was created or altered since, and one that it
/// saw and that is missing to an object that was altered or dropped. Statistics and what VACUUM keeps in pg_class are written in place and
/// leave xmin as it is.
/// </summary>
internal static class CatalogExamination
{
    private const string NotTemporary = "n.nspname !~ '^pg_(temp|toast_temp)_'";

    public static IReadOnlyList<Catalog> Catalogs { get; } =
    [
        new("pg_namespace", $"pg_catalog.pg_namespace t WHERE {NotTemporary.Replace("n.", "t.", StringComparison.Ordinal)}"),
        new("pg_class", InSchema("pg_class", "t.relnamespace")),
        new("pg_attribute", OfRelation("pg_attribute", "t.attrelid")),
        new("pg_attrdef", OfRelation("pg_attrdef", "t.adrelid")),
        new("pg_index", OfRelation("pg_index", "t.indrelid")),
        new("pg_inherits", OfRelation("pg_inherits", "t.inhrelid")),
        new("pg_sequence", OfRelation("pg_sequence", "t.seqrelid")),
        new("pg_trigger", OfRelation("pg_trigger", "t.tgrelid")),
        new("pg_rewrite", OfRelation("pg_rewrite", "t.ev_class")),
        new("pg_policy", OfRelation("pg_policy", "t.polrelid")),
        new("pg_constraint", InSchema("pg_constraint", "t.connamespace")),
        new("pg_proc", InSchema("pg_proc", "t.pronamespace")),
        new("pg_type", InSchema("pg_type", "t.typnamespace")),
        new("pg_enum", "pg_catalog.pg_enum t"),
        new("pg_extension", "pg_catalog.pg_extension t"),
        new("pg_publication", "pg_catalog.pg_publication t"),
        new("pg_event_trigger", "pg_catalog.pg_event_trigger t"),
        new("pg_largeobject_metadata", "pg_catalog.pg_largeobject_metadata t"),
    ];

    /// <summary>The number of rows of each.</summary>
    public static async Task<Dictionary<string, long>> CountAsync(NpgsqlConnection connection, CancellationToken ct) =>
        (await connection.ListAsync(
            string.Join(" UNION ALL ", Catalogs.Select(c => $"SELECT '{c.Name}', pg_catalog.count(*) FROM {c.From}")),
            r => (Name: r.GetString(0), Rows: r.GetInt64(1)), ct)).ToDictionary(c => c.Name, c => c.Rows, StringComparer.Ordinal);

    public static async Task<Dictionary<string, RowOrigins>> ReadAsync(RowExamination rows, CancellationToken ct)
    {
        var origins = new Dictionary<string, RowOrigins>(StringComparer.Ordinal);
        foreach (var catalog in Catalogs)
            origins.Add(catalog.Name, await rows.ReadAsync(catalog.From, "t.xmin", ct));
        return origins;
    }

    private static string InSchema(string catalog, string schema) => $"pg_catalog.{catalog} t JOIN pg_catalog.pg_namespace n ON n.oid = {schema} WHERE {NotTemporary}";

    private static string OfRelation(string catalog, string relation) =>
        $"pg_catalog.{catalog} t JOIN pg_catalog.pg_class c ON c.oid = {relation} JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE {NotTemporary}";
}
