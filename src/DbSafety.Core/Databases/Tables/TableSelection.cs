using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Databases.Tables;

/// <summary>
/// The relations of a database that match a <see cref="BackupSelection"/>, found by the server with pg_dump's own rules, and the
/// pg_dump arguments that select exactly those. Both use the same snapshot, and the counts must match in the end.
/// </summary>
internal sealed class TableSelection
{
    // pg_dump's own query for --table and --exclude-table (src/bin/pg_dump/pg_dump.c, expand_table_name_patterns).
    private const string RelationsSql = """
        SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'S', 'v', 'm', 'f', 'p') AND c.relname OPERATOR(pg_catalog.~) $1 COLLATE pg_catalog.default
        """;

    private const string SchemasSql = "SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.~) $1 COLLATE pg_catalog.default";

    private readonly HashSet<(string Schema, string Name)> tables;
    private readonly HashSet<(string Schema, string Name)> excluded;
    private readonly HashSet<string> schemas;
    private readonly BackupSelection selection;

    internal TableSelection(BackupSelection selection, IEnumerable<(string, string)> tables, IEnumerable<(string, string)> excluded, IEnumerable<string> schemas)
    {
        this.selection = selection;
        this.tables = [.. tables];
        this.excluded = [.. excluded];
        this.schemas = [.. schemas];
    }

    /// <exception cref="DbSafetyException"><c>DBS220</c> a pattern matches nothing; <c>DBS221</c> the options contradict each other.</exception>
    public static async Task<TableSelection> ResolveAsync(NpgsqlConnection connection, BackupSelection selection, CancellationToken ct)
    {
        Refuse(selection.SchemaOnly && selection.DataOnly, "definitions only and data only exclude each other");
        Refuse(selection.Tables.Count > 0 && selection.Schemas.Count > 0, "pg_dump ignores schemas if tables are specified; write the schema into the table pattern (app.orders)");
        if (selection.NamesAll)
            return new TableSelection(selection, [], [], []);
        var path = await connection.ScalarAsync<string>("SELECT pg_catalog.current_setting('search_path')", ct) ?? "";
        // A pattern without a schema matches what is visible in the role's search_path, as in pg_dump.
        await connection.ExecuteAsync("RESET search_path", ct);
        var resolved = new TableSelection(
            selection,
            await RelationsAsync(connection, selection.Tables, ct),
            await RelationsAsync(connection, selection.ExcludeTables, ct),
            await SchemasAsync(connection, selection.Schemas, ct));
        await connection.ExecuteAsync("SELECT pg_catalog.set_config('search_path', $1, false)", ct, path);
        return resolved;
    }

    /// <summary>Only the dumped tables: no other table is locked.</summary>
    public TableCatalog Of(TableCatalog all) => selection.NamesAll && !selection.SchemaOnly
        ? all
        : new TableCatalog(
            selection.SchemaOnly ? [] : [.. all.Tables.Where(t => Includes(t.Schema, t.Name))],
            selection.SchemaOnly ? [] : [.. all.LeftOut.Where(t => Includes(t.Schema, t.Name))]);

    /// <summary>The scope in the manifest; null if the backup contains everything.</summary>
    public BackupScope? Scope(TableCatalog all)
    {
        if (selection.IsEverything)
            return null;
        var held = Of(all).Tables.ToHashSet();
        return new BackupScope
        {
            Tables = selection.Tables,
            ExcludeTables = selection.ExcludeTables,
            Schemas = selection.Schemas,
            SchemaOnly = selection.SchemaOnly,
            DataOnly = selection.DataOnly,
            LeftOut = [.. all.Tables.Where(t => !held.Contains(t)).Select(t => SqlName.Display(t.Schema, t.Name))],
        };
    }

    /// <summary>The pg_dump arguments, with schema-qualified, quoted names, so that none is a pattern.</summary>
    public IEnumerable<string> Arguments()
    {
        foreach (var (schema, name) in tables.Order())
            yield return "--table=" + SqlName.Quote(schema, name);
        foreach (var (schema, name) in excluded.Order())
            yield return "--exclude-table=" + SqlName.Quote(schema, name);
        foreach (var schema in schemas.Order(StringComparer.Ordinal))
            yield return "--schema=" + SqlName.Quote(schema);
        if (selection.SchemaOnly)
            yield return "--schema-only";
        if (selection.DataOnly)
            yield return "--data-only";
    }

    private bool Includes(string schema, string name) =>
        (selection.Tables.Count == 0 || tables.Contains((schema, name)))
        && (selection.Schemas.Count == 0 || schemas.Contains(schema))
        && !excluded.Contains((schema, name));

    private static void Refuse(bool when, string why)
    {
        if (when)
            throw ErrorCatalogue.SelectionInvalid.For("the selection", why);
    }

    private static async Task<IReadOnlyList<(string, string)>> RelationsAsync(NpgsqlConnection connection, IReadOnlyList<string> patterns, CancellationToken ct)
    {
        var found = new List<(string, string)>();
        foreach (var text in patterns)
        {
            var pattern = NamePattern.Parse(text) ?? throw ErrorCatalogue.SelectionInvalid.For(text, "a table pattern is table or schema.table");
            object[] values = pattern.Schema is { } schema ? [pattern.Name, schema] : [pattern.Name];
            var sql = RelationsSql + (pattern.Schema is null ? " AND pg_catalog.pg_table_is_visible(c.oid)" : " AND n.nspname OPERATOR(pg_catalog.~) $2 COLLATE pg_catalog.default");
            found.AddRange(Some(await AskAsync(connection, text, sql, r => (r.GetString(0), r.GetString(1)), values, ct), text, connection.Database));
        }

        return found;
    }

    private static async Task<IReadOnlyList<string>> SchemasAsync(NpgsqlConnection connection, IReadOnlyList<string> patterns, CancellationToken ct)
    {
        var found = new List<string>();
        foreach (var text in patterns)
        {
            var pattern = NamePattern.Parse(text) is { Schema: null } one ? one : throw ErrorCatalogue.SelectionInvalid.For(text, "a schema pattern cannot contain a dot");
            found.AddRange(Some(await AskAsync(connection, text, SchemasSql, r => r.GetString(0), [pattern.Name], ct), text, connection.Database));
        }

        return found;
    }

    private static async Task<List<T>> AskAsync<T>(NpgsqlConnection connection, string text, string sql, Func<NpgsqlDataReader, T> read, object[] values, CancellationToken ct)
    {
        try
        {
            return await connection.ListAsync(sql, read, ct, values);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidRegularExpression)
        {
            throw ErrorCatalogue.SelectionInvalid.Because(e, text, e.MessageText);
        }
    }

    private static List<T> Some<T>(List<T> found, string pattern, string database) =>
        found.Count > 0 ? found : throw ErrorCatalogue.SelectionEmpty.For(database, pattern);
}
