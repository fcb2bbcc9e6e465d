using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Databases.Definitions;

/// <summary>Reads the definitions of everything in a database: in one round trip, inside of the caller's transaction.</summary>
internal sealed class DefinitionReader(int version)
{
    /// <summary>The columns of each query that identify the object of a row.</summary>
    private const int ObjectColumns = 9;

    /// <summary>A body that the server prints from parsed expressions, not the user's text.</summary>
    public const string SqlBody = "SQL body";

    /// <summary>Kinds whose names are unique within their table, domain or view.</summary>
    private static readonly HashSet<string> NamedInParent = ["constraint", "trigger", "rule", "policy"];

    private readonly Dictionary<(uint Catalog, uint Oid, int Column), Entry> entries = [];

    private readonly List<Entry> nameless = [];

    private readonly Dictionary<string, SchemaObject> identified = new(StringComparer.Ordinal);

    private readonly HashSet<(uint Catalog, uint Oid)> members = [];

    /// <summary>An object, its name without its kind, and its parent.</summary>
    private sealed record Entry(SchemaObject Object, string Bare, (uint Catalog, uint Oid, int Column) Key, Entry? Parent);

    /// <param name="version">The version of the hash for the comparison: 2 to <see cref="SchemaDefinitions.HashVersion"/>.</param>
    public static async Task<SchemaDefinitions> ReadAsync(NpgsqlConnection connection, CancellationToken ct, int version = SchemaDefinitions.HashVersion)
    {
        // With only pg_catalog in search_path, every name is printed with its schema.
        var before = (await connection.ListAsync(
            """
            SELECT pg_catalog.current_setting('search_path'), pg_catalog.set_config('search_path', 'pg_catalog', false),
                   pg_catalog.has_table_privilege('pg_catalog.pg_subscription', 'SELECT') AND pg_catalog.has_table_privilege('pg_catalog.pg_user_mapping', 'SELECT')
            """,
            r => (Path: r.GetString(0), ReadsAll: r.GetBoolean(2)),
            ct)).Single();
        var reader = new DefinitionReader(version);
        await reader.ReadAsync(connection, before.ReadsAll, before.Path, ct);
        return new SchemaDefinitions([.. reader.Dumped().OrderBy(o => o.Name, StringComparer.Ordinal)], before.ReadsAll ? [] : [OtherDefinitions.Subscription, OtherDefinitions.UserMapping]);
    }

    private async Task ReadAsync(NpgsqlConnection connection, bool readsAll, string path, CancellationToken ct)
    {
        var major = connection.PostgreSqlVersion.Major;
        string[] objects = [.. TypeDefinitions.Queries(major), .. TableDefinitions.Queries(major), .. RoutineDefinitions.Queries(major), .. OtherDefinitions.Queries(major, readsAll), CommonProperties.DefaultPrivileges];
        await using var batch = new NpgsqlBatch(connection);
        foreach (var query in (string[])[CommonProperties.Members, .. objects, .. CommonProperties.Queries(major), $"SELECT set_config('search_path', {SqlName.Literal(path)}, false)"])
            batch.BatchCommands.Add(new NpgsqlBatchCommand(query));
        await using var rows = await batch.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
            members.Add((rows.GetFieldValue<uint>(0), rows.GetFieldValue<uint>(1)));
        foreach (var _ in objects)
        {
            await rows.NextResultAsync(ct);
            await AddObjectsAsync(rows, ct);
        }

        foreach (var _ in CommonProperties.Queries(major))
        {
            await rows.NextResultAsync(ct);
            while (await rows.ReadAsync(ct))
                AddProperty(rows);
        }
    }

    private async Task AddObjectsAsync(NpgsqlDataReader rows, CancellationToken ct)
    {
        string[] properties = [.. Enumerable.Range(0, rows.FieldCount).Select(rows.GetName)];
        while (await rows.ReadAsync(ct))
        {
            if (Add(rows) is not { } added)
                continue;
            for (var i = ObjectColumns; i < properties.Length; i++)
            {
                if (!rows.IsDBNull(i) && Text(rows.GetValue(i)) is { } value)
                    Set(added, properties[i], value);
            }
        }
    }

    /// <summary>Null if its parent does not exist, such as an index of a temporary table.</summary>
    private SchemaObject? Add(NpgsqlDataReader rows)
    {
        var key = (rows.GetFieldValue<uint>(0), rows.GetFieldValue<uint>(1), rows.GetInt32(2));
        var parentKey = (rows.GetFieldValue<uint>(3), rows.GetFieldValue<uint>(4), 0);
        var (kind, schema, name) = (rows.GetString(5), rows.Text(6), rows.Text(7));
        var parent = entries.GetValueOrDefault(parentKey);
        var inParent = kind == "column" || NamedInParent.Contains(kind);
        if (inParent && parent is null)
            return null;
        var bare = (name is null ? "" : kind == "column" ? $"{parent!.Bare}.{SqlName.DisplayBehindDot(name)}" : schema is null ? SqlName.Display(name) : SqlName.Display(schema, name)) + rows.Text(8);
        var entry = new Entry(new SchemaObject($"{kind} {bare}{(inParent && kind != "column" ? $" on {parent!.Bare}" : "")}", parent?.Object.Name), bare, key, parent);
        if (key.Item2 == 0)
            nameless.Add(entry);
        else
            entries[key] = entry;
        return entry.Object;
    }

    private void AddProperty(NpgsqlDataReader rows)
    {
        var (key, property, value) = ((rows.GetFieldValue<uint>(0), rows.GetFieldValue<uint>(1), rows.GetInt32(2)), rows.GetString(3), rows.GetString(4));
        if (rows.Text(5) is { } identity)
        {
            if (!identified.TryGetValue(identity, out var known))
                identified.Add(identity, known = new SchemaObject(identity, null));
            known.Set(property, value);
        }
        else if (entries.TryGetValue(key, out var entry))
        {
            entry.Object.Set(property, value);
        }
    }

    private void Set(SchemaObject added, string property, string value)
    {
        if (property == "password")
            added.Set(property, TextHash.OfSecret(value, added.Name));
        else if (property == "connection")
            added.Set(property, Secrets.Mask(value));
        else
            added.Set(property == SqlBody ? "body" : property, property == "body" ? value : ExpressionText.Canonical(value, version));
    }

    private static string? Text(object value) => value switch
    {
        bool isSet => isSet ? "yes" : null,
        string text => text,
        _ => throw new InvalidOperationException($"a property is of type {value.GetType()}"),
    };

    /// <summary>Of members of an extension, a dump contains privileges, and policies of tables.</summary>
    private IEnumerable<SchemaObject> Dumped()
    {
        foreach (var (_, entry) in entries.Where(e => !IsMember(e.Value) && !(e.Value.Parent is { } parent && IsMember(parent))))
        {
            if (entry.Object.Name != "schema public" || entry.Object.Properties.Count > 0)
                yield return entry.Object;
        }

        if (!entries.Values.Any(e => e.Object.Name == "schema public"))
            yield return Dropped("schema public");
        foreach (var entry in entries.Values.Where(e => e.Parent is { } parent && IsMember(parent) && e.Object.Name.StartsWith("policy ", StringComparison.Ordinal)))
            yield return entry.Object;
        foreach (var entry in nameless.Where(n => n.Parent is null || !IsMember(n.Parent)))
            yield return entry.Object;
        foreach (var one in identified.Values)
            yield return one;
    }

    /// <summary>No dump contains its removal.</summary>
    private static SchemaObject Dropped(string name)
    {
        var dropped = new SchemaObject(name, null);
        dropped.Set("dropped", "yes");
        return dropped;
    }

    private bool IsMember(Entry entry) => members.Contains((entry.Key.Catalog, entry.Key.Oid)) || (entry.Parent is { } parent && IsMember(parent));
}
