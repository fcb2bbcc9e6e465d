using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Histories.Reading;

/// <summary>The schemas in which the session of a migration tool finds names without a schema, as the server resolves its search_path.</summary>
/// <param name="First">The schema in which tables without a schema are created; the configured name if the schema does not exist yet.</param>
/// <param name="Visible">Those that exist, in their order.</param>
/// <param name="IsSet">The connection, the role or the database sets it: it is not PostgreSQL's default.</param>
internal sealed record SchemaPath(string First, IReadOnlyList<string> Visible, bool IsSet)
{
    public static SchemaPath Of(string schema, bool isSet) => new(schema, [schema], isSet);

    public static async Task<SchemaPath> ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var (visible, path, isSet) = (await connection.ListAsync(
            "SELECT pg_catalog.current_schemas(false)::text[], s.setting, s.source <> 'default' FROM pg_catalog.pg_settings s WHERE s.name = 'search_path'",
            r => (r.GetFieldValue<string[]>(0), r.GetString(1), r.GetBoolean(2)), ct))[0];
        // PostgreSQL ignores a schema that does not exist; a tool that is configured with its name creates it.
        var named = Named(path);
        return new SchemaPath(isSet && named.Length > 0 && named != "$user" ? named : visible.FirstOrDefault() ?? "public", visible, isSet);
    }

    /// <summary>The first name of a search_path.</summary>
    private static string Named(string path)
    {
        path = path.Trim();
        if (!path.StartsWith('"'))
            return path.Split(',')[0].Trim().ToLowerInvariant();
        var name = new System.Text.StringBuilder();
        for (var at = 1; at < path.Length && (path[at] != '"' || (at + 1 < path.Length && path[at + 1] == '"')); at += path[at] == '"' ? 2 : 1)
            name.Append(path[at]);
        return name.ToString();
    }
}
