using System.Text.RegularExpressions;

namespace DbSafety.Migrations.Sources;

/// <summary>
/// The name of the history table in a project's configuration, if it is plain text: in the tool's configuration, or as an option in the files from which its command is
/// usually started. A name that is computed, or has two values, is not known.
/// </summary>
internal static partial class HistoryNames
{
    /// <summary>Files of a project that start commands.</summary>
    private static readonly string[] Starters =
        [".env", "package.json", "Makefile", "makefile", "justfile", "Justfile", "Taskfile.yml", "Taskfile.yaml", "Procfile", "docker-compose*.yml", "docker-compose*.yaml", "compose*.yml", "compose*.yaml", "*.sh"];

    /// <param name="Files">Relative to the project's folder, with wildcards in the name.</param>
    /// <param name="Key">As it is written there, for messages.</param>
    /// <param name="Name">The table in its first group, or <c>schema.table</c>.</param>
    private sealed record Place(string[] Files, string Key, Regex Name)
    {
        /// <summary>The schema in its first group, the first that is found.</summary>
        public Regex[] Schemas { get; init; } = [];

        /// <summary>PostgreSQL's names in lower case.</summary>
        public bool IsFolded { get; init; }
    }

    private static readonly Dictionary<string, Place[]> Places = new(StringComparer.Ordinal)
    {
        ["Knex"] = [new(["knexfile.*"], "migrations.tableName in knexfile", TableName()) { Schemas = [SchemaName()] }],
        ["TypeORM"] = [new(["ormconfig.*", "data-source.*", "src/data-source.*", "datasource.*", "src/datasource.*", "typeorm.config.*", "src/typeorm.config.*"], "migrationsTableName in ormconfig or data-source", MigrationsTableName())],
        ["Sequelize"] = [new(["config/config.*", "config/database.*"], "migrationStorageTableName in config/config.json", StorageTable()) { Schemas = [StorageSchema()] }],
        ["MikroORM"] = [new(["mikro-orm.config.*", "src/mikro-orm.config.*"], "migrations.tableName in mikro-orm.config", TableName())],
        ["node-pg-migrate"] = [new(["config/default.json", "config/default.js"], "db.migrations-table in config/default.json", NodeTable()) { Schemas = [NodeSchema()] }, new(Starters, "--migrations-table in package.json", TableOption()) { Schemas = [SchemaOption(), NodeSchemaOption()] }],
        ["db-migrate"] = [new([".db-migraterc", "database.json"], "migration-table in .db-migraterc", DbMigrateTable()), new(Starters, "--migration-table in package.json", DbMigrateOption())],
        ["dbmate"] = [new(Starters, "DBMATE_MIGRATIONS_TABLE in .env", DbmateTable())],
        ["golang-migrate"] = [new(Starters, "x-migrations-table in the URL in .env or Makefile", GolangTable())],
        ["goose"] = [new(Starters, "GOOSE_TABLE in .env", GooseTable())],
        ["refinery"] = [new(Starters, "--table-name in Makefile", RefineryTable())],
        ["sqlx"] = [new(["sqlx.toml"], "migrate.table-name in sqlx.toml", SqlxTable())],
        ["tern"] = [new(["tern.conf", "migrations/tern.conf"], "version_table in tern.conf", TernTable())],
        ["Alembic"] = [new(["env.py", "alembic/env.py", "migrations/env.py"], "version_table in env.py", AlembicTable()) { Schemas = [AlembicSchema()] }],
        ["Laravel"] = [new(["config/database.php"], "migrations in config/database.php", LaravelTable())],
        ["Liquibase"] = [new(["liquibase.properties"], "databaseChangelogTableName in liquibase.properties", LiquibaseTable()) { IsFolded = true }],
        ["Flyway"] = [new([], "flyway.table in flyway.toml or flyway.conf", Nothing())],
        ["sql-migrate"] = [new([], "table in dbconfig.yml", Nothing())],
    };

    /// <summary>Where a tool's configuration contains the name; empty: nowhere that DbSafety reads.</summary>
    public static string KeysOf(MigrationTool tool) =>
        string.Join(", or ", (tool.IsShapeOnly ? tool.Histories.Select(h => h.Tool) : [tool.Name]).Distinct().SelectMany(n => Places.GetValueOrDefault(n, [])).Select(p => p.Key));

    /// <summary>The tool with the table that a folder's project specifies.</summary>
    public static MigrationTool Named(MigrationTool tool, string folder)
    {
        if (tool.Histories is not [var usual, ..] || usual.IsNamed || !Places.TryGetValue(tool.Name, out var places))
            return tool;
        for (var project = new DirectoryInfo(folder); project is not null; project = project.Parent)
        {
            foreach (var place in places)
            {
                var texts = Texts(project.FullName, place.Files);
                var schema = place.Schemas.Select(k => Only(k, texts)).FirstOrDefault(s => s is not null);
                if ((Only(place.Name, texts) ?? (schema is null ? null : usual.Table)) is not { } name)
                    continue;
                var table = place.IsFolded ? name.ToLowerInvariant() : name;
                return tool with { Histories = [usual.At(schema is null ? table : $"{schema}.{table}")] };
            }

            // Parent folders can belong to other projects.
            if (ProjectRoot.BeginsAt(project.FullName))
                break;
        }

        return tool;
    }

    private static List<string> Texts(string project, string[] files)
    {
        var texts = new List<string>();
        foreach (var file in files)
        {
            var folder = Path.Combine(project, Path.GetDirectoryName(file) ?? "");
            if (Directory.Exists(folder))
                texts.AddRange(Directory.EnumerateFiles(folder, Path.GetFileName(file), ProjectFolders.Readable).Order(StringComparer.Ordinal).Select(f => Comments().Replace(ProjectFolders.Head(f), "")));
        }

        return texts;
    }

    /// <summary>The value, if all files with a value have the same.</summary>
    private static string? Only(Regex key, List<string> texts) =>
        texts.SelectMany(t => key.Matches(t)).Select(m => m.Groups[1].Value).Distinct(StringComparer.Ordinal).ToList() is [var one] ? one : null;

    /// <summary>Of JavaScript, and of files in which they begin with #.</summary>
    [GeneratedRegex(@"/\*.*?\*/|(?<![:\w""'])//[^\n]*|^[ \t]*#[^\n]*", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Comments();

    /// <summary>Plain text only: the value of an expression is not known.</summary>
    private const string Quoted = @"\s*[:=]\s*[""'`]([A-Za-z_][\w$]*)[""'`](?=\s*(?:[,;)}\]\r\n]|\z))";

    private const string Option = @"[= ][""']?([A-Za-z_][\w$]*)";

    [GeneratedRegex(@"\btableName[""']?" + Quoted)]
    private static partial Regex TableName();

    [GeneratedRegex(@"\bschemaName[""']?" + Quoted)]
    private static partial Regex SchemaName();

    [GeneratedRegex(@"\bmigrationsTableName[""']?" + Quoted)]
    private static partial Regex MigrationsTableName();

    [GeneratedRegex(@"\bmigrationStorageTableName[""']?" + Quoted)]
    private static partial Regex StorageTable();

    [GeneratedRegex(@"\bmigrationStorageTableSchema[""']?" + Quoted)]
    private static partial Regex StorageSchema();

    [GeneratedRegex(@"\bmigrations-table[""']?" + Quoted)]
    private static partial Regex NodeTable();

    [GeneratedRegex(@"\bmigrations-schema[""']?" + Quoted)]
    private static partial Regex NodeSchema();

    [GeneratedRegex(@"--migrations-table" + Option)]
    private static partial Regex TableOption();

    [GeneratedRegex(@"--migrations-schema" + Option)]
    private static partial Regex SchemaOption();

    /// <summary>Unless another schema is configured for the history, it is in the first schema of the migrations.</summary>
    [GeneratedRegex(@"\bnode-pg-migrate\b[^\n""']*?\s--schema" + Option)]
    private static partial Regex NodeSchemaOption();

    [GeneratedRegex(@"\bmigration-table[""']?" + Quoted)]
    private static partial Regex DbMigrateTable();

    [GeneratedRegex(@"--migration-table" + Option)]
    private static partial Regex DbMigrateOption();

    [GeneratedRegex(@"(?:--migrations-table[= ]|\bDBMATE_MIGRATIONS_TABLE\s*[=:]\s*)[""']?([A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)?)")]
    private static partial Regex DbmateTable();

    [GeneratedRegex(@"\bx-migrations-table=([A-Za-z_][\w$]*)")]
    private static partial Regex GolangTable();

    [GeneratedRegex(@"(?:\bgoose\b[^\n]*?\s--?table[= ]|\bGOOSE_TABLE\s*[=:]\s*)[""']?([A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)?)")]
    private static partial Regex GooseTable();

    [GeneratedRegex(@"\brefinery\b[^\n]*?--table-name" + Option)]
    private static partial Regex RefineryTable();

    [GeneratedRegex(@"^\[migrate\][^\[]*?^\s*table-name\s*=\s*[""']([A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)?)", RegexOptions.Multiline)]
    private static partial Regex SqlxTable();

    [GeneratedRegex(@"^\s*version_table\s*=\s*[""']?([A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)?)", RegexOptions.Multiline)]
    private static partial Regex TernTable();

    [GeneratedRegex(@"\bversion_table" + Quoted)]
    private static partial Regex AlembicTable();

    [GeneratedRegex(@"\bversion_table_schema" + Quoted)]
    private static partial Regex AlembicSchema();

    [GeneratedRegex(@"['""]migrations['""]\s*=>\s*(?:\[\s*['""]table['""]\s*=>\s*)?['""]([A-Za-z_][\w$]*)['""]")]
    private static partial Regex LaravelTable();

    [GeneratedRegex(@"^\s*(?:liquibase\.)?databaseChange[lL]ogTableName\s*[=:]\s*([A-Za-z_][\w$]*)", RegexOptions.Multiline)]
    private static partial Regex LiquibaseTable();

    [GeneratedRegex(@"(?!)()")]
    private static partial Regex Nothing();
}
