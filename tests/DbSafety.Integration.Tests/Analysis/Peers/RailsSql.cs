using System.Globalization;
using System.Text.RegularExpressions;

namespace DbSafety.Integration.Tests.Analysis.Peers;

/// <summary>The SQL that Rails sends to PostgreSQL for the calls that strong_migrations' tests use.</summary>
internal static partial class RailsSql
{
    /// <summary>The tables of these tests, as their helper makes them.</summary>
    public const string Given =
        """
        CREATE EXTENSION citext;
        CREATE EXTENSION btree_gist;
        CREATE TABLE orders (id bigserial PRIMARY KEY);
        CREATE TABLE devices (id bigserial PRIMARY KEY);
        CREATE TABLE users (id bigserial PRIMARY KEY, name varchar, city varchar, credit_score decimal(10, 5), deleted_at timestamp(6), country varchar(20), "interval" varchar, description text, code citext, order_id bigint);
        CREATE INDEX index_users_on_order_id ON users (order_id);
        """;

    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        ["string"] = "character varying", ["text"] = "text", ["integer"] = "integer", ["bigint"] = "bigint", ["boolean"] = "boolean", ["datetime"] = "timestamp(6)", ["timestamp"] = "timestamp(6)", ["decimal"] = "decimal",
        ["numeric"] = "decimal", ["float"] = "double precision", ["timestamptz"] = "timestamptz", ["uuid"] = "uuid", ["json"] = "json", ["jsonb"] = "jsonb", ["citext"] = "citext", ["cidr"] = "cidr", ["inet"] = "inet", ["time"] = "time(6)",
        ["timetz"] = "timetz", ["interval"] = "interval", ["primary_key"] = "bigserial primary key", ["serial"] = "serial", ["bigserial"] = "bigserial", ["date"] = "date",
    };

    /// <summary>What the migration does on its way up; null where one of its calls is not known here.</summary>
    public static string? Of(string migration)
    {
        var method = Up().Match(migration);
        if (!method.Success)
            return null;
        var statements = new List<string>();
        foreach (var line in method.Groups[1].Value.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0))
        {
            var call = Assured().Replace(line, "$1");
            if (call is "safety_assured do" or "begin" or "end" or "ensure")
                continue;
            if (Statement(call) is not { } sql)
                return null;
            statements.Add(sql);
        }

        // Rails runs each migration in a transaction, unless it asks for none.
        var script = string.Join(";\n", statements) + ";";
        return migration.Contains("disable_ddl_transaction!", StringComparison.Ordinal) ? $"-- +goose NO TRANSACTION\n{script}" : $"BEGIN;\n{script}\nCOMMIT;";
    }

    private static string? Statement(string call)
    {
        if (Call().Match(call) is not { Success: true } found)
            return null;
        var (name, arguments, options) = (found.Groups[1].Value, new List<string>(), new Dictionary<string, string>(StringComparer.Ordinal));
        foreach (var argument in Arguments(found.Groups[2].Value))
        {
            if (Option().Match(argument) is { Success: true } option)
                options[option.Groups[1].Value] = option.Groups[2].Value.Trim();
            else
                arguments.Add(Plain(argument));
        }

        if (options.ContainsKey("lock") || arguments.Contains("extra") || options.GetValueOrDefault("algorithm") is not (null or ":concurrently"))
            return null;
        var table = arguments.Count > 0 ? arguments[0] : "";
        var concurrently = options.ContainsKey("algorithm") ? " CONCURRENTLY" : "";
        return (name, arguments) switch
        {
            ("execute", [_]) => found.Groups[2].Value.Trim()[1..^1],
            ("add_column", [_, var column, var type]) when TypeOf(type, options) is { } of => $"ALTER TABLE \"{table}\" ADD \"{column}\" {of}{Default(options)}{(options.GetValueOrDefault("null") == "false" ? " NOT NULL" : "")}",
            ("change_column", [_, var column, var type]) when TypeOf(type, options) is { } of =>
                $"ALTER TABLE \"{table}\" ALTER COLUMN \"{column}\" TYPE {of}{(options.GetValueOrDefault("null") is { } isNull ? $", ALTER COLUMN \"{column}\" {(isNull == "false" ? "SET" : "DROP")} NOT NULL" : "")}",
            ("add_index", [_, var columns]) => $"CREATE {(options.GetValueOrDefault("unique") == "true" ? "UNIQUE " : "")}INDEX{concurrently} \"{Plain(options.GetValueOrDefault("name") ?? $"index_{table}_on_{string.Join("_and_", List(columns))}")}\" ON \"{table}\" ({Columns(columns)})",
            ("remove_index", [_, ..]) => $"DROP INDEX{concurrently}{(options.ContainsKey("if_exists") ? " IF EXISTS" : "")} \"{Plain(options.GetValueOrDefault("name") ?? $"index_{table}_on_{Plain(options.GetValueOrDefault("column") ?? arguments.ElementAtOrDefault(1) ?? "")}")}\"",
            ("add_foreign_key", [_, var to]) => ForeignKey(table, Plain(options.GetValueOrDefault("column") ?? to[..^1] + "_id"), to, options),
            ("validate_foreign_key", [_, var to]) => $"ALTER TABLE \"{table}\" VALIDATE CONSTRAINT \"fk_{table}_{to[..^1]}_id\"",
            ("add_reference" or "add_belongs_to", [_, var to]) => Reference(table, to, options),
            ("add_check_constraint", [_, var check]) => $"ALTER TABLE \"{table}\" ADD CONSTRAINT \"{Plain(options.GetValueOrDefault("name") ?? "chk_rails_1")}\" CHECK ({check}){(options.GetValueOrDefault("validate") == "false" ? " NOT VALID" : "")}",
            ("validate_check_constraint", [_]) => $"ALTER TABLE \"{table}\" VALIDATE CONSTRAINT \"{Plain(options["name"])}\"",
            ("remove_check_constraint", [_, ..]) when options.ContainsKey("name") => $"ALTER TABLE \"{table}\" DROP CONSTRAINT \"{Plain(options["name"])}\"",
            ("add_unique_constraint", [_]) when options.ContainsKey("using_index") => $"ALTER TABLE \"{table}\" ADD CONSTRAINT \"{Plain(options["using_index"])}\" UNIQUE USING INDEX \"{Plain(options["using_index"])}\"",
            ("add_unique_constraint", [_, var columns]) => $"ALTER TABLE \"{table}\" ADD CONSTRAINT \"uniq_{table}\" UNIQUE ({Columns(columns)})",
            ("add_exclusion_constraint", [_, var elements]) => $"ALTER TABLE \"{table}\" ADD CONSTRAINT \"excl_{table}\" EXCLUDE USING {Plain(options.GetValueOrDefault("using") ?? ":gist")} ({elements})",
            ("change_column_null", [_, var column, "false"]) => $"ALTER TABLE \"{table}\" ALTER COLUMN \"{column}\" SET NOT NULL",
            ("change_column_null", [_, var column, "false", var value]) => $"UPDATE \"{table}\" SET \"{column}\" = {Value(value)} WHERE \"{column}\" IS NULL;\nALTER TABLE \"{table}\" ALTER COLUMN \"{column}\" SET NOT NULL",
            ("change_column_null", [_, var column, "true"]) => $"ALTER TABLE \"{table}\" ALTER COLUMN \"{column}\" DROP NOT NULL",
            ("change_column_default", [_, var column]) => $"ALTER TABLE \"{table}\" ALTER COLUMN \"{column}\" SET DEFAULT {Value(options["to"])}",
            ("change_column_default", [_, var column, var value]) => $"ALTER TABLE \"{table}\" ALTER COLUMN \"{column}\" SET DEFAULT {Value(value)}",
            ("remove_column", [_, var column, ..]) => $"ALTER TABLE \"{table}\" DROP COLUMN \"{column}\"",
            ("remove_columns", [_, .. var columns]) => $"ALTER TABLE \"{table}\" {string.Join(", ", columns.Select(c => $"DROP COLUMN \"{c}\""))}",
            ("remove_timestamps", [_]) => $"ALTER TABLE \"{table}\" DROP COLUMN \"created_at\", DROP COLUMN \"updated_at\"",
            ("remove_reference" or "remove_belongs_to", [_, var to]) => $"ALTER TABLE \"{table}\" DROP COLUMN \"{to}_id\"{(options.ContainsKey("polymorphic") ? $", DROP COLUMN \"{to}_type\"" : "")}",
            ("rename_column", [_, var from, var to]) => $"ALTER TABLE \"{table}\" RENAME COLUMN \"{from}\" TO \"{to}\"",
            ("rename_table", [_, var to]) => $"ALTER TABLE \"{table}\" RENAME TO \"{to}\"",
            ("rename_schema", [_, var to]) => $"ALTER SCHEMA \"{table}\" RENAME TO \"{to}\"",
            ("create_table", [_]) => $"{(options.ContainsKey("force") ? $"DROP TABLE IF EXISTS \"{table}\" CASCADE;\n" : "")}CREATE TABLE \"{table}\" (\"id\" bigserial primary key, \"name\" character varying)",
            ("t.string" or "t.text", [_]) => "SELECT 1",
            _ => null,
        };
    }

    private static string ForeignKey(string table, string column, string to, Dictionary<string, string> options) =>
        $"ALTER TABLE \"{table}\" ADD CONSTRAINT \"{Plain(options.GetValueOrDefault("name") ?? $"fk_{table}_{column}")}\" FOREIGN KEY (\"{column}\") REFERENCES \"{to}\" (\"id\"){(options.GetValueOrDefault("validate") == "false" ? " NOT VALID" : "")}";

    private static string? Reference(string table, string to, Dictionary<string, string> options)
    {
        var sql = $"ALTER TABLE \"{table}\" ADD \"{to}_id\" bigint";
        if (options.ContainsKey("polymorphic"))
            sql += $";\nALTER TABLE \"{table}\" ADD \"{to}_type\" character varying";
        if (options.GetValueOrDefault("index") != "false")
            sql += $";\nCREATE INDEX{(options.GetValueOrDefault("index")?.Contains(":concurrently", StringComparison.Ordinal) == true ? " CONCURRENTLY" : "")} \"index_{table}_on_{to}_id\" ON \"{table}\" (\"{to}_id\")";
        if (options.GetValueOrDefault("foreign_key") is not { } key)
            return sql;
        var target = key.Contains("to_table", StringComparison.Ordinal) ? "users" : to + "s";
        return $"{sql};\nALTER TABLE \"{table}\" ADD CONSTRAINT \"fk_{to}\" FOREIGN KEY (\"{to}_id\") REFERENCES \"{target}\" (\"id\"){(key.Contains("on_delete", StringComparison.Ordinal) ? " ON DELETE SET NULL" : "")}{(key.Contains("validate: false", StringComparison.Ordinal) ? " NOT VALID" : "")}";
    }

    private static string? TypeOf(string type, Dictionary<string, string> options)
    {
        if (type == "virtual")
            return options.GetValueOrDefault("stored") == "true" ? $"character varying GENERATED ALWAYS AS ({Plain(options["as"])}) STORED" : null;
        if (!Types.TryGetValue(type, out var sql))
            return null;
        if (options.GetValueOrDefault("limit") is { } limit && int.TryParse(limit, CultureInfo.InvariantCulture, out var length))
            return type == "integer" ? length > 4 ? "bigint" : sql : $"{sql.Split('(')[0]}({length})";
        if (options.GetValueOrDefault("precision") is { } precision)
            sql = precision == "nil" ? sql.Split('(')[0] : $"{sql.Split('(')[0]}({precision}{(options.GetValueOrDefault("scale") is { } scale ? ", " + scale : "")})";
        return sql;
    }

    private static string Default(Dictionary<string, string> options) => options.GetValueOrDefault("default") is { } value ? $" DEFAULT {Value(value)}" : "";

    private static string Value(string value) =>
        Lambda().Match(value) is { Success: true } lambda ? lambda.Groups[1].Value : value is "nil" ? "NULL" : value is "true" or "false" || value.EndsWith("()", StringComparison.Ordinal) || double.TryParse(value, CultureInfo.InvariantCulture, out _) ? value
        : Plain(value) is var text && text.EndsWith("()", StringComparison.Ordinal) ? text : $"'{text}'";

    private static IEnumerable<string> List(string columns) => columns.Trim('[', ']').Split(',').Select(c => Plain(c.Trim()));

    private static string Columns(string columns) => string.Join(", ", List(columns).Select(c => $"\"{c}\""));

    private static string Plain(string argument) => argument.Trim().TrimStart(':').Trim('"', '\'');

    /// <summary>Between commas that stand in no brackets.</summary>
    private static IEnumerable<string> Arguments(string text)
    {
        var (depth, start, quoted) = (0, 0, '\0');
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == ',' && depth == 0 && quoted == '\0'))
            {
                if (text[start..i].Trim() is { Length: > 0 } argument)
                    yield return argument;
                start = i + 1;
            }
            else if (quoted != '\0' || text[i] is '"' or '\'')
            {
                quoted = quoted == '\0' ? text[i] : text[i] == quoted ? '\0' : quoted;
            }
            else
            {
                depth += text[i] is '(' or '[' or '{' ? 1 : text[i] is ')' or ']' or '}' ? -1 : 0;
            }
        }
    }

    [GeneratedRegex(@"def (?:self\.)?(?:up|change)\n(.*?)\n  end", RegexOptions.Singleline)]
    private static partial Regex Up();

    [GeneratedRegex(@"^safety_assured \{ (.*) \}$")]
    private static partial Regex Assured();

    [GeneratedRegex(@"^([a-z_.]+) (.*?)(?: do \|t\|)?$")]
    private static partial Regex Call();

    [GeneratedRegex(@"^([a-z_]+): (.*)$", RegexOptions.Singleline)]
    private static partial Regex Option();

    [GeneratedRegex("""^-> \{ "(.*)" \}$""")]
    private static partial Regex Lambda();
}
