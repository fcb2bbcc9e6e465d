namespace DbSafety.Migrations.Sources;

/// <summary>A table in which a migration tool records what it has applied.</summary>
/// <param name="Table">Its name, in the schema that the tool uses unless it is configured.</param>
/// <param name="Columns">The columns that distinguish it from other tools' tables with the same name; separated by spaces.</param>
/// <param name="Rows">
/// A query for key, time, state and checksum, in order; {0} is replaced by the table. The state is applied, failed, or upto: everything up to this version is applied.
/// </param>
internal sealed record HistoryTable(string Tool, string Schema, string Table, string Columns, string Rows)
{
    /// <summary>It has these columns and no others.</summary>
    public bool IsExact { get; init; }

    /// <summary>The project's configuration names its schema: a table in another one is not it.</summary>
    public bool IsConfigured { get; init; }

    /// <summary>The project's configuration names its table: another one with its columns is not it.</summary>
    public bool IsNamed { get; init; }

    /// <summary>Its tool names the schema itself, whatever the search_path is.</summary>
    public bool IsFixed { get; init; }

    /// <summary>Its tool takes the first table of this name that the search_path leads to; others look only where they would create it.</summary>
    public bool IsSearched { get; init; }

    /// <summary>Versions are compared as text: 1 is not 001.</summary>
    public bool KeepsText { get; init; }

    /// <summary>Its tool names no schema: the search_path of its session decides.</summary>
    public bool UsesPath => Schema == "public" && !IsFixed && !IsConfigured;

    /// <summary>The table that a project names, with its schema before it or not.</summary>
    public HistoryTable At(string name) => name.Split('.', 2) is [var schema, var table] ? this with { Schema = schema, Table = table, IsNamed = true, IsConfigured = true } : this with { Table = name, IsNamed = true };

    private const string NoTime = "NULL::timestamptz";

    public static HistoryTable Prisma { get; } = new("Prisma", "public", "_prisma_migrations", "migration_name finished_at rolled_back_at",
        "SELECT migration_name, finished_at, CASE WHEN finished_at IS NULL THEN 'failed' ELSE 'applied' END, checksum FROM {0} WHERE rolled_back_at IS NULL ORDER BY started_at");

    public static HistoryTable Drizzle { get; } = new("Drizzle", "drizzle", "__drizzle_migrations", "id hash created_at", $"SELECT hash, {NoTime}, 'applied', NULL FROM {{0}} ORDER BY id");

    public static HistoryTable GolangMigrate { get; } = new("golang-migrate", "public", "schema_migrations", "version dirty",
        $"SELECT version::text, {NoTime}, CASE WHEN dirty THEN 'failed' END, NULL FROM {{0}} WHERE dirty UNION ALL SELECT (version - dirty::int)::text, {NoTime}, 'upto', NULL FROM {{0}} WHERE version > dirty::int") { IsExact = true };

    public static HistoryTable Hasura { get; } = new("Hasura", "hdb_catalog", "hdb_version", "cli_state",
        $"SELECT m.key, {NoTime}, CASE WHEN m.value = 'true' THEN 'failed' ELSE 'applied' END, NULL FROM {{0}}, jsonb_each(cli_state::jsonb -> 'migrations') d, jsonb_each_text(d.value) m ORDER BY 1");

    /// <summary>Hasura keeps the states of all its databases in one value.</summary>
    public static HistoryTable OfHasuraDatabase(string database) => Hasura with { Rows = Hasura.Rows.Replace(" ORDER BY 1", $" WHERE d.key = '{database.Replace("'", "''", StringComparison.Ordinal)}' ORDER BY 1", StringComparison.Ordinal) };

    public static HistoryTable HasuraBefore { get; } = GolangMigrate with
    {
        Tool = "Hasura", Schema = "hdb_catalog", Rows = $"SELECT version::text, {NoTime}, CASE WHEN dirty THEN 'failed' ELSE 'applied' END, NULL FROM {{0}} ORDER BY version",
    };

    public static HistoryTable Supabase { get; } = new("Supabase", "supabase_migrations", "schema_migrations", "version statements", $"SELECT version::text, {NoTime}, 'applied', NULL FROM {{0}} ORDER BY version");

    public static HistoryTable Ecto { get; } = new("Ecto", "public", "schema_migrations", "version inserted_at", "SELECT version::text, inserted_at::timestamp AT TIME ZONE 'UTC', 'applied', NULL FROM {0} ORDER BY version") { IsExact = true };

    /// <summary>dbmate's and Rails' are alike.</summary>
    public static HistoryTable Dbmate { get; } = new("dbmate or Rails", "public", "schema_migrations", "version", $"SELECT version::text, {NoTime}, 'applied', NULL FROM {{0}} ORDER BY version") { IsExact = true };

    public static HistoryTable Goose { get; } = new("goose", "public", "goose_db_version", "version_id is_applied tstamp",
        "SELECT version_id::text, at, 'applied', NULL FROM (SELECT DISTINCT ON (version_id) version_id, is_applied, tstamp::timestamp AT TIME ZONE 'UTC' AS at FROM {0} ORDER BY version_id, id DESC) v WHERE is_applied AND version_id > 0 ORDER BY version_id") { IsSearched = true };

    public static HistoryTable SqlMigrate { get; } = new("sql-migrate", "public", "gorp_migrations", "id applied_at", "SELECT id, applied_at, 'applied', NULL FROM {0} ORDER BY applied_at, id");

    public static HistoryTable Sqlx { get; } = new("sqlx", "public", "_sqlx_migrations", "version success checksum", "SELECT version::text, installed_on, CASE WHEN success THEN 'applied' ELSE 'failed' END, NULL FROM {0} ORDER BY version");

    /// <summary>
    /// A version that was undone or deleted does not count; repeatable scripts are identified by their names, and by their checksums. A script without a checksum in its row does not match any file.
    /// </summary>
    private const string FlywayRows =
        """
        SELECT key, at, state, checksum FROM (
            SELECT DISTINCT ON (coalesce(version, script)) coalesce(version, script) AS key, installed_rank, installed_on AT TIME ZONE 'UTC' AS at,
                CASE type WHEN 'SQL' THEN coalesce(checksum::text, 'none') WHEN 'SQL_BASELINE' THEN checksum::text END AS checksum,
                CASE WHEN NOT success THEN 'failed' WHEN type LIKE 'UNDO%' OR type = 'DELETE' THEN 'undone' WHEN type IN ('BASELINE', 'SQL_BASELINE', 'JDBC_BASELINE') THEN 'upto' ELSE 'applied' END AS state
            FROM {0} WHERE type <> 'SCHEMA' ORDER BY coalesce(version, script), installed_rank DESC) v
        WHERE state <> 'undone' ORDER BY installed_rank
        """;

    public static HistoryTable Flyway { get; } = new("Flyway", "public", "flyway_schema_history", "installed_rank version script type success", FlywayRows);

    /// <summary>Before Flyway 5.</summary>
    public static HistoryTable FlywayBefore { get; } = Flyway with { Table = "schema_version" };

    /// <summary>One row for each time that a migration was applied, by its space and the name of its folder.</summary>
    public static HistoryTable Prisma8 { get; } = new("Prisma 8", "prisma_contract", "ledger", "space migration_name migration_hash destination_core_hash operations",
        "SELECT space || '/' || migration_name, created_at, 'applied', migration_hash FROM {0} ORDER BY id");

    public static HistoryTable Tern { get; } = new("tern", "public", "schema_version", "version", $"SELECT version::text, {NoTime}, 'upto', NULL FROM {{0}} WHERE version > 0") { IsExact = true, IsFixed = true };

    public static HistoryTable NodePgMigrate { get; } = new("node-pg-migrate", "public", "pgmigrations", "id name run_on", "SELECT name, run_on AT TIME ZONE 'UTC', 'applied', NULL FROM {0} ORDER BY run_on, id") { IsFixed = true };

    public static HistoryTable DbMigrate { get; } = NodePgMigrate with { Tool = "db-migrate", Table = "migrations", IsFixed = false };

    public static HistoryTable GraphileMigrate { get; } = new("graphile-migrate", "graphile_migrate", "migrations", "hash previous_hash filename", "SELECT filename, date, 'applied', NULL FROM {0} ORDER BY filename");

    public static HistoryTable Diesel { get; } = new("Diesel", "public", "__diesel_schema_migrations", "version run_on", "SELECT version::text, run_on AT TIME ZONE 'UTC', 'applied', NULL FROM {0} ORDER BY version");

    public static HistoryTable Sqitch { get; } = new("sqitch", "sqitch", "changes", "change_id change project script_hash", "SELECT change, committed_at, 'applied', script_hash FROM {0} ORDER BY committed_at");

    public static HistoryTable OfSqitchProject(string project) => Sqitch with
    {
        Rows = $"SELECT change, committed_at, 'applied', script_hash FROM {{0}} WHERE project = '{project.Replace("'", "''", StringComparison.Ordinal)}' ORDER BY committed_at",
    };

    public static HistoryTable Liquibase { get; } = new("Liquibase", "public", "databasechangelog", "id author filename orderexecuted",
        "SELECT filename || '::' || id || '::' || author, dateexecuted AT TIME ZONE 'UTC', 'applied', NULL FROM {0} ORDER BY orderexecuted");

    public static HistoryTable Atlas { get; } = new("Atlas", "atlas_schema_revisions", "atlas_schema_revisions", "version type applied total executed_at",
        "SELECT version, executed_at, CASE WHEN type = 1 THEN 'upto' WHEN applied < total THEN 'failed' ELSE 'applied' END, NULL FROM {0} WHERE NOT starts_with(version, '.') ORDER BY executed_at");

    public static HistoryTable Knex { get; } = new("Knex", "public", "knex_migrations", "id name batch migration_time", "SELECT name, migration_time, 'applied', NULL FROM {0} ORDER BY id");

    public static HistoryTable TypeOrm { get; } = new("TypeORM", "public", "migrations", "id timestamp name", $"SELECT name, {NoTime}, 'applied', NULL FROM {{0}} ORDER BY id") { IsExact = true };

    public static HistoryTable Laravel { get; } = new("Laravel", "public", "migrations", "id migration batch", $"SELECT migration, {NoTime}, 'applied', NULL FROM {{0}} ORDER BY id") { IsExact = true };

    public static HistoryTable Sequelize { get; } = new("Sequelize", "public", "SequelizeMeta", "name", $"SELECT name, {NoTime}, 'applied', NULL FROM {{0}} ORDER BY name");

    public static HistoryTable Alembic { get; } = new("Alembic", "public", "alembic_version", "version_num", $"SELECT version_num, {NoTime}, 'applied', NULL FROM {{0}}");

    public static HistoryTable Django { get; } = new("Django", "public", "django_migrations", "app name applied", "SELECT app || '.' || name, applied, 'applied', NULL FROM {0} ORDER BY id");

    public static HistoryTable EntityFramework { get; } = new("Entity Framework", "public", "__EFMigrationsHistory", "MigrationId", "SELECT \"MigrationId\", " + NoTime + ", 'applied', NULL FROM {0} ORDER BY 1");

    public static HistoryTable MikroOrm { get; } = new("MikroORM", "public", "mikro_orm_migrations", "id name executed_at", "SELECT name, executed_at, 'applied', NULL FROM {0} ORDER BY id");

    public static HistoryTable Kysely { get; } = new("Kysely", "public", "kysely_migration", "name timestamp", $"SELECT name, {NoTime}, 'applied', NULL FROM {{0}} ORDER BY name");

    /// <summary>Of tools whose folders are read as plain SQL files, or are programs: all that counts is which names or versions they hold.</summary>
    private static HistoryTable Named(string tool, string table, string columns, string key, string applied = "true") =>
        new(tool, "public", table, columns, $"SELECT {key}::text, {NoTime}, 'applied', NULL FROM {{0}} WHERE {applied} ORDER BY 1");

    public static HistoryTable Migratus { get; } = Named("Migratus", "schema_migrations", "id applied description", "id", "id > 0");

    public static HistoryTable Refinery { get; } = Named("refinery", "refinery_schema_history", "version name applied_on", "version");

    private static readonly HistoryTable[] Others =
    [
        Named("postgres-migrations", "migrations", "id name hash executed_at", "id", "id > 0"), Named("Postgrator", "schemaversion", "version run_at", "version", "version > 0"),
        Named("MyBatis Migrations", "changelog", "id applied_at description", "id"), Named("DbUp", "schemaversions", "scriptname applied", "regexp_replace(scriptname, '^.*\\.(?=[^.]+\\.sql$)', '')"),
        Named("yoyo", "_yoyo_migration", "migration_hash migration_id", "migration_id"), Named("Evolve", "changelog", "type version name checksum success", "version", "version IS NOT NULL AND success"),
        Named("Play Evolutions", "play_evolutions", "id hash applied_at", "id"), Refinery,
        Named("SeaORM", "seaql_migrations", "version applied_at", "version"), Named("Phinx", "phinxlog", "version migration_name", "version"),
        Named("Doctrine", "doctrine_migration_versions", "version executed_at", "version"), Named("Yii", "migration", "version apply_time", "version"),
        Named("Peewee", "migratehistory", "id name migrated_at", "name"), Named("Grate", "ScriptsRun", "script_name text_hash", "script_name"),
        Migratus, Named("pgmigrate", "schema_version", "version description type installed_by installed_on", "version"),
        Named("Marv", "migrations", "level comment timestamp checksum", "level"), Named("FluentMigrator", "VersionInfo", "Version AppliedOn", "\"Version\""),
        Named("bun", "bun_migrations", "id name group_id", "name"), Named("Gormigrate", "migrations", "id", "id") with { IsExact = true }, Named("Ragtime", "ragtime_migrations", "id created_at", "id"),
        Named("pyway", "pyway", "version name checksum apply_timestamp", "version"), Named("aerich", "aerich", "id version app", "version"), Named("Umzug", "umzug_migrations", "name", "name"),
        Named("Umzug", "migrations", "name", "name") with { IsExact = true }, Named("Sequelize", "sequelize_meta", "name", "name"),
        // With columns that a project has added.
        GolangMigrate with { IsExact = false }, Dbmate with { IsExact = false }, TypeOrm with { IsExact = false }, Laravel with { IsExact = false },
    ];

    /// <summary>All that are known; of tables with the same name, those with more columns first.</summary>
    public static IReadOnlyList<HistoryTable> All { get; } =
    [
        Prisma, Prisma8, Drizzle, HasuraBefore, GolangMigrate, Supabase, Ecto, Dbmate, Hasura, Goose, SqlMigrate, Sqlx, Flyway, FlywayBefore, Tern, NodePgMigrate, DbMigrate, TypeOrm, Laravel, GraphileMigrate, Diesel, Sqitch,
        Liquibase, Atlas, Knex, Sequelize, Alembic, Django, EntityFramework, MikroOrm, Kysely, .. Others,
    ];

    /// <summary>Its columns are not the tool's, so the meaning of its rows is not known.</summary>
    public bool IsOtherShape { get; init; }

    /// <summary>Names that any table can have.</summary>
    private static readonly string[] CommonNames = ["migrations", "migration", "changelog", "changes", "ledger", "pyway", "aerich"];

    private static readonly string[] KeyColumns = ["version", "migration_name", "script", "script_name", "filename", "name", "migration"];

    /// <summary>A table with the name of a history that is known, and with other columns; null: the name says nothing.</summary>
    public static HistoryTable? OfOtherShape(string table, IReadOnlyCollection<string> columns) =>
        Array.Exists(CommonNames, n => n == table) || All.FirstOrDefault(h => h.Table == table) is not { } history ? null
        : history with
        {
            IsOtherShape = true,
            Rows = $"SELECT coalesce({(Array.Find(KeyColumns, columns.Contains) is { } key ? $"t.{key}::text" : "t::text")}, ''), {NoTime}, 'applied', NULL FROM {{0}} t ORDER BY 1",
        };

    /// <summary>Whether a table is this one.</summary>
    public bool Is(string schema, string table, IReadOnlyCollection<string> columns)
    {
        var wanted = Columns.Split(' ');
        return table == Table && (Schema == "public" || Schema == schema || Table is not ("schema_migrations" or "migrations" or "changes"))
            && wanted.All(columns.Contains) && (!IsExact || columns.Count == wanted.Length);
    }
}
