using DbSafety.Migrations.Sources;

namespace DbSafety.Core.Tests.Migrations;

/// <summary>The names of history tables in the files of projects.</summary>
public sealed class HistoryNamesTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("dbsafety-names-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Theory]
    [InlineData("Knex", "knexfile.js", "module.exports = { development: { migrations: { tableName: 'done', schemaName: 'app' } }, production: { migrations: { tableName: 'done' } } }", "app.done")]
    [InlineData("Knex", "knexfile.ts", "export default { migrations: { /* tableName: 'no' */ tableName: \"done\" } } // tableName: 'no'", "public.done")]
    [InlineData("Knex", "knexfile.js", "module.exports = { migrations: { tableName: process.env.T } }", null)]
    [InlineData("Knex", "knexfile.js", "module.exports = { migrations: { tableName: 'do' + 'ne' } }", null)]
    [InlineData("Knex", "knexfile.js", "module.exports = { a: { migrations: { tableName: 'x' } }, b: { migrations: { tableName: 'y' } } }", null)]
    [InlineData("TypeORM", "src/data-source.ts", "export const db = new DataSource({ type: 'postgres', migrationsTableName: 'done' })", "public.done")]
    [InlineData("Sequelize", "config/config.json", "{\"production\": {\"migrationStorageTableName\": \"done\", \"migrationStorageTableSchema\": \"app\"}}", "app.done")]
    [InlineData("node-pg-migrate", "package.json", "{\"scripts\": {\"migrate\": \"node-pg-migrate --migrations-table done up\"}}", "public.done")]
    [InlineData("node-pg-migrate", "config/default.json", "{\"db\": {\"migrations-table\": \"done\"}}", "public.done")]
    [InlineData("node-pg-migrate", "package.json", "{\"scripts\": {\"dump\": \"pg_dump --schema no\", \"migrate\": \"node-pg-migrate up --schema app\"}}", "app.pgmigrations")]
    [InlineData("Knex", "knexfile.js", "module.exports = { migrations: { schemaName: 'app' } }", "app.knex_migrations")]
    [InlineData("dbmate", "Makefile", "up:\n\t# dbmate --migrations-table no up\n\tdbmate --migrations-table done up\n", "public.done")]
    [InlineData("dbmate", ".env", "DBMATE_MIGRATIONS_TABLE=app.done\n", "app.done")]
    [InlineData("golang-migrate", ".env", "DATABASE_URL=postgres://u@h/d?sslmode=disable&x-migrations-table=done\n", "public.done")]
    [InlineData("goose", ".env", "GOOSE_TABLE=app.done\n", "app.done")]
    [InlineData("goose", "Makefile", "up:\n\tgoose -dir migrations -table done postgres $(URL) up\n", "public.done")]
    [InlineData("sqlx", "sqlx.toml", "[migrate]\ntable-name = \"app.done\"\n", "app.done")]
    [InlineData("tern", "tern.conf", "[database]\nversion_table = public.done\n", "public.done")]
    [InlineData("Alembic", "alembic/env.py", "context.configure(connection=c, version_table='done', version_table_schema='app')\n", "app.done")]
    [InlineData("Laravel", "config/database.php", "<?php return ['migrations' => ['table' => 'done', 'update_date_on_publish' => true]];", "public.done")]
    [InlineData("MikroORM", "mikro-orm.config.ts", "export default defineConfig({ migrations: { tableName: 'done' } })", "public.done")]
    [InlineData("Liquibase", "liquibase.properties", "changeLogFile=x.sql\ndatabaseChangelogTableName=DONE\n", "public.done")]
    public void A_history_table_named_as_plain_text_in_the_project_configuration_is_used(string tool, string file, string text, string? table)
    {
        new MigrationLayout("", (".git/HEAD", ""), (file, text)).WriteTo(root);
        Directory.CreateDirectory(Path.Combine(root, "db", "migrations"));
        var known = MigrationTools.All.Single(t => t.Name == tool);
        var history = HistoryNames.Named(known.Configure?.Invoke(Path.Combine(root, "db", "migrations")) ?? known, Path.Combine(root, "db", "migrations")).Histories[0];
        Assert.Equal(table ?? $"{known.Histories[0].Schema}.{known.Histories[0].Table}", $"{history.Schema}.{history.Table}");
        Assert.Equal(table is not null, history.IsNamed);
    }

    [Fact]
    public void Files_above_the_project_folder_are_ignored()
    {
        new MigrationLayout("", (".git/HEAD", ""), ("Makefile", "up:\n\tdbmate --migrations-table other up\n"), ("services/a/go.mod", ""), ("services/a/db/migrations/1_a.sql", "")).WriteTo(root);
        Assert.False(HistoryNames.Named(MigrationTools.Dbmate, Path.Combine(root, "services/a/db/migrations")).Histories[0].IsNamed);
    }
}
