namespace DbSafety.Testing;

/// <summary>A project's folder, as tools lay it out.</summary>
/// <param name="Name">As docs/layouts.md has it.</param>
/// <param name="Files">Path and text of each.</param>
public sealed record MigrationLayout(string Name, params (string Path, string Text)[] Files)
{
    public void WriteTo(string folder)
    {
        foreach (var (path, text) in Files)
        {
            var full = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, text);
        }
    }
}

/// <summary>The layouts of docs/layouts.md.</summary>
public static class MigrationLayouts
{
    public const string A = "CREATE TABLE a (id int);\n";

    public const string B = "CREATE TABLE b (id int);\n";

    private const string DropA = "DROP TABLE a;\n";

    private const string DropB = "DROP TABLE b;\n";

    private const string Journal = """{"version":"7","dialect":"postgresql","entries":[{"idx":0,"version":"7","when":1704067200000,"tag":"0000_a","breakpoints":true},{"idx":1,"version":"7","when":1704067300000,"tag":"0001_b","breakpoints":true}]}""";

    public static IReadOnlyList<MigrationLayout> All { get; } =
    [
        new("Prisma", ("prisma/schema.prisma", "datasource db {\n  provider = \"postgresql\"\n}\n"), ("prisma/migrations/migration_lock.toml", "provider = \"postgresql\"\n"), ("prisma/migrations/20240101_a/migration.sql", A), ("prisma/migrations/20240102_b/migration.sql", B)),
        new("Prisma with migrations.path", ("prisma.config.ts", "export default defineConfig({ schema: 'db/schema.prisma', migrations: { path: 'db/changes' } })"), ("db/changes/20240101_a/migration.sql", A), ("prisma/migrations/20230101_old/migration.sql", DropA)),
        new("Prisma with a folder of schemas", ("prisma.config.ts", "export default defineConfig({ schema: path.join('db', 'schema') })"), ("db/schema/main.prisma", "datasource db {\n  provider = \"postgresql\"\n}\n"), ("db/schema/migrations/20240101_a/migration.sql", A)),
        new("Prisma with a computed migrations.path", ("prisma.config.ts", "export default defineConfig({ migrations: { path: process.env.PATH_OF } })"), ("prisma/migrations/20240101_a/migration.sql", A)),
        new("Prisma 8", ("prisma.config.ts", "export default {}"), ("migrations/app/20240102T0000_a/migration.ts", "export default {}"), ("migrations/app/20240102T0000_a/migration.json", Prisma8Migration(null, "1")), ("migrations/app/20240102T0000_a/ops.json", Prisma8Operation("table.a", "CREATE TABLE a (id int)", "SELECT to_regclass('a') IS NULL")),
            ("migrations/app/20240101T0000_b/migration.json", Prisma8Migration("1", "2")), ("migrations/app/20240101T0000_b/ops.json", Prisma8Operation("table.b", "CREATE TABLE b (id int)", "SELECT to_regclass('b') IS NULL")), ("migrations/snapshots/1/contract.json", "{}")),
        new("Prisma 8 with an operation that is not SQL", ("migrations/app/20240101T0000_a/migration.json", Prisma8Migration(null, "1")), ("migrations/app/20240101T0000_a/ops.json", """[{"id":"call","operationClass":"data","execute":[{"description":"fill","command":{"kind":"x"}}]}]""")),
        new("Drizzle with a journal", ("drizzle.config.ts", "export default defineConfig({ dialect: 'postgresql' })"), ("drizzle/meta/_journal.json", Journal), ("drizzle/0000_a.sql", A), ("drizzle/0001_b.sql", B)),
        new("Drizzle 1.0", ("drizzle.config.ts", "export default defineConfig({ dialect: 'postgresql' })"), ("drizzle/20240101000000_a/migration.sql", A), ("drizzle/20240101000000_a/snapshot.json", "{}")),
        new("Drizzle with a second configuration", ("drizzle.config.ts", "export default defineConfig({ dialect: 'postgresql', out: './one' })"), ("drizzle-dev.config.ts", "export default defineConfig({ dialect: 'postgresql', out: './dev' })"), ("one/meta/_journal.json", Journal), ("one/0000_a.sql", A), ("one/0001_b.sql", B), ("dev/meta/_journal.json", Journal), ("dev/0000_a.sql", DropA), ("dev/0001_b.sql", DropB)),
        new("Drizzle with two configurations, none of the default name", ("drizzle-one.config.ts", "export default defineConfig({ dialect: 'postgresql', out: './one' })"), ("drizzle-two.config.ts", "export default defineConfig({ dialect: 'postgresql', out: './two' })"), ("one/meta/_journal.json", Journal), ("one/0000_a.sql", A), ("one/0001_b.sql", B), ("two/meta/_journal.json", Journal), ("two/0000_a.sql", DropA), ("two/0001_b.sql", DropB)),
        new("Drizzle with a configuration that another file makes", ("drizzle.config.ts", "export { default } from './shared/base';"), ("shared/base.ts", "export default { out: './db/m' }"), ("drizzle/meta/_journal.json", Journal), ("drizzle/0000_a.sql", DropA), ("drizzle/0001_b.sql", DropB)),
        new("Prisma beside Drizzle", ("prisma/migrations/20240101_a/migration.sql", A), ("drizzle/meta/_journal.json", Journal), ("drizzle/0000_a.sql", A), ("drizzle/0001_b.sql", B)),
        new("numbered SQL files", ("001_a.sql", A), ("002_b.sql", B)),
        new("SQL files with a word before their numbers", ("migration_1.sql", A), ("migration_2.sql", B), ("migration_10.sql", "SELECT 1;\n")),
        new("numbered SQL files with a seed", ("001_a.sql", A), ("002_b.sql", B), ("seed.sql", "INSERT INTO a VALUES (1);\n")),
        new("numbered SQL files for several databases", ("001_a.mysql.sql", B), ("001_a.postgres.sql", A)),
        new("numbered SQL files in subfolders too", ("001_a.sql", A), ("later/002_b.sql", B)),
        new("numbered SQL files with a program", ("001_a.sql", A), ("002_b.py", "def up(): pass\n"), ("003_c.sql", B)),
        new("numbered SQL files above migrations that are programs", ("001_a.sql", A), ("app/db/versions/ae1027a6acf_b.py", "revision = 'ae1027a6acf'\ndown_revision = None\n")),
        new("numbered SQL files beside their undoing", ("001_a.sql", A), ("001_a.downgrade.sql", DropA), ("001_undo_a.sql", DropA), ("002_scale_down.sql", B), ("._001_a.sql", DropA)),
        new("SQL files without numbers beside folders of migrations", ("base.sql", A), ("up/00001.sql", B), ("down/00000.sql", DropB)),
        new("SQL files without numbers", ("a.sql", A), ("b.sql", B), ("schema.sql", DropA)),
        new("a project with a schema and a seed", ("package.json", "{}"), ("schema.sql", A), ("seed.sql", "INSERT INTO a VALUES (1);\n")),
        new("a folder in a monorepo", ("package.json", "{}"), ("packages/db/prisma/migrations/20240101_a/migration.sql", A)),
        new("SQL files with an unknown undo part", ("001_a.sql", A + "-- Down\n" + DropA), ("002_b.sql", B)),
        new("SQL files with a remark about a rollback", ("001_a.sql", "-- Rollback: drop table a by hand\n" + A), ("002_b.sql", B + "-- Undo:\n-- DROP TABLE b;\n")),
        new("one migration of Hasura or Diesel", ("up.sql", A), ("down.sql", DropA)),
        new("dbmate", ("db/migrations/20240101000000_a.sql", $"-- migrate:up\n{A}\n-- migrate:down\n{DropA}"), ("db/migrations/20240102000000_b.sql", $"-- migrate:up\n{B}\n-- migrate:down\n{DropB}"), ("db/schema.sql", DropA)),
        new("goose", ("migrations/00001_a.sql", $"-- +goose Up\n{A}\n-- +goose Down\n{DropA}"), ("migrations/00002_b.sql", $"-- +goose Up\n{B}\n-- +goose Down\n{DropB}")),
        new("goose with Go", ("migrations/00001_a.sql", $"-- +goose Up\n{A}"), ("migrations/00002_b.go", "package m\nfunc init() { goose.AddMigrationContext(up, down) }")),
        new("sql-migrate", ("dbconfig.yml", "development:\n  dialect: postgres\n"), ("migrations/1_a.sql", $"-- +migrate Up\n{A}\n-- +migrate Down\n{DropA}"), ("migrations/2_b.sql", $"-- +migrate Up\n{B}\n-- +migrate Down\n{DropB}")),
        new("golang-migrate", ("go.mod", "require github.com/golang-migrate/migrate/v4 v4.17.0\n"), ("migrations/1_a.up.sql", A), ("migrations/1_a.down.sql", DropA), ("migrations/10_b.up.sql", B), ("migrations/10_b.down.sql", DropB)),
        new("pairs of .up.sql and .down.sql", ("1_a.up.sql", A), ("1_a.down.sql", DropA), ("2_b.up.sql", B), ("2_b.down.sql", DropB)),
        new("sql-migrate with a folder of its own", ("dbconfig.yml", "development:\n  dialect: postgres\n  dir: db/m\n  table: changes\n"), ("db/m/1_a.sql", $"-- +migrate Up\n{A}"), ("migrations/1_old.sql", $"-- +migrate Up\n{DropA}")),
        new("refinery", ("Cargo.toml", "[dependencies]\nrefinery = \"0.8\"\n"), ("migrations/V1__a.sql", A), ("migrations/U2__b.sql", B)),
        new("sqlx", ("Cargo.toml", "[dependencies]\nsqlx = \"0.8\"\n"), ("migrations/20240101_a.sql", A), ("migrations/20240102_b.sql", B)),
        new("Flyway", ("flyway.toml", "[flyway]\n"), ("sql/V1__a.sql", A), ("sql/U1__a.sql", DropA), ("sql/more/V2__b.sql", B), ("sql/R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 1 AS one;\n"), ("sql/afterMigrate.sql", "SELECT 1;\n")),
        new("Flyway with flyway.toml", ("flyway.toml", "[flyway]\nlocations = [ \"filesystem:db/scripts\", 'db/more' ]\nsqlMigrationPrefix = \"M\"\nsqlMigrationSeparator = \"-\"\nsqlMigrationSuffixes = [\".sql\", \".pgsql\"]\ntable = \"changes\"\n[flyway.placeholders]\ntable = \"b\"\n"),
            ("db/scripts/M1.9-a.SQL", A), ("db/scripts/V3__no.sql", DropB), ("src/main/resources/db/more/M1_10-b.pgsql", "CREATE TABLE ${TABLE} (id int);\n"), ("sql/V9__stale.sql", DropA)),
        new("Flyway with flyway.conf", ("flyway.conf", "# where\nflyway.locations=filesystem:db/*/scripts\nflyway.schemas=app\nflyway.target=2\n"), ("db/one/scripts/V1__a.sql", A), ("db/two/scripts/V2__scale_down.sql", B), ("db/two/scripts/V3__later.sql", DropB), ("db/V4__no.sql", DropA)),
        new("Flyway with a baseline script", ("flyway.conf", ""), ("sql/V1__a.sql", A), ("sql/V2__b.sql", B), ("sql/B2__all.sql", A + B), ("sql/B1__old.sql", A), ("sql/V3__c.sql", "SELECT 1;\n")),
        new("Flyway with callbacks and script configuration", ("flyway.conf", ""), ("sql/beforeMigrate__lock.sql", "SELECT 1;\n"), ("sql/V1__a.sql", A), ("sql/V2__b.sql", DropB), ("sql/V2__b.sql.conf", "shouldExecute=false\n"), ("sql/afterEachMigrate.sql", "SELECT 2;\n"), ("sql/R__v.sql", "SELECT ${no};\n"), ("sql/R__v.sql.conf", "placeholderReplacement=false\n"), ("sql/afterMigrate.sql", "SELECT 3;\n"), ("sql/beforeRepair.sql", DropA), ("sql/afterMigrateWrong.sql", DropA)),
        new("Flyway with a placeholder without a value", ("flyway.conf", "flyway.placeholders.known=a\n"), ("sql/V1__a.sql", "CREATE TABLE ${known} (id int);\n-- ${unknown}\n")),
        new("Flyway with a migration in Java", ("flyway.conf", "flyway.locations=classpath:db/migration\n"), ("src/main/resources/db/migration/V1__a.sql", A), ("src/main/java/db/migration/V2__B.java", "public class V2__B extends BaseJavaMigration {}")),
        new("Flyway with a location elsewhere", ("flyway.conf", "flyway.locations=s3:bucket/sql\n"), ("sql/V1__a.sql", A)),
        new("Flyway by its names", ("V1__a.sql", A), ("V1.10__c.sql", "SELECT 1;\n"), ("V1.2__b.sql", B)),
        new("node-pg-migrate", ("package.json", "{\"dependencies\":{\"node-pg-migrate\":\"9\"}}"), ("migrations/1704067200000_a.sql", $"-- Up Migration\n{A}\n-- Down Migration\n{DropA}"), ("migrations/1704067300000_b.sql", $"-- Up Migration\n{B}\n-- Down Migration\n{DropB}")),
        new("node-pg-migrate with JavaScript", ("package.json", "{\"dependencies\":{\"node-pg-migrate\":\"9\"}}"), ("migrations/1704067200000_a.js", "exports.up = pgm => { pgm.createTable('a', {}) }")),
        new("node-pg-migrate with pairs", ("package.json", "{\"dependencies\":{\"node-pg-migrate\":\"9\"}}"), ("migrations/1704067200000_a.up.sql", A), ("migrations/1704067200000_a.down.sql", DropA)),
        new("graphile-migrate", (".gmrc", "{}"), ("migrations/committed/000001-a.sql", "--! Previous: -\n--! Hash: sha1:0\n--! AllowInvalidHash\n\n" + A), ("migrations/committed/000002-b.sql", "--! Previous: sha1:0\n--! Hash: sha1:1\n--! AllowInvalidHash\n\n" + B), ("migrations/current.sql", DropA)),
        new("db-migrate", ("database.json", """{"dev":{"driver":"pg","host":{"ENV":"PGHOST"},"port":{"ENV":"PGPORT"},"user":{"ENV":"PGUSER"},"database":{"ENV":"PGDATABASE"}}}"""), ("migrations/20240101000000-a.js", DbMigrateProgram("20240101000000-a")), ("migrations/sqls/20240101000000-a-up.sql", A), ("migrations/sqls/20240101000000-a-down.sql", DropA),
            ("migrations/20240102000000-b.js", DbMigrateProgram("20240102000000-b")), ("migrations/sqls/20240102000000-b-up.sql", B), ("migrations/sqls/20240102000000-b-down.sql", DropB)),
        new("sqitch", ("sqitch.conf", "[core]\n\tengine = pg\n"), ("sqitch.plan", "%syntax-version=1.0.0\n%project=shop\n\nb 2024-01-01T00:00:00Z x <x@x> # b\na [b] 2024-01-02T00:00:00Z x <x@x> # a\n"), ("deploy/a.sql", A), ("deploy/b.sql", B), ("revert/a.sql", DropA), ("revert/b.sql", DropB), ("verify/a.sql", "SELECT 1;\n")),
        new("sqitch with two engines", ("sqitch.conf", "[core]\n\tengine = pg\n[engine \"sqlite\"]\n\ttop_dir = sqlite\n[engine \"pg\"]\n\ttop_dir = pg\n"), ("pg/sqitch.plan", "%project=shop\n\na 2024-01-02T00:00:00Z x <x@x> # a\n"), ("pg/deploy/a.sql", A), ("pg/revert/a.sql", DropA), ("sqlite/sqitch.plan", "%project=shop\n\nlite 2024-01-02T00:00:00Z x <x@x> # a\n"), ("sqlite/deploy/lite.sql", B)),
        new("Liquibase formatted SQL", ("changelog.xml", "<databaseChangeLog><include file=\"b.sql\"/><include file=\"a.sql\"/></databaseChangeLog>"), ("a.sql", $"--liquibase formatted sql\n--changeset me:1\n{A}--rollback drop table a;\n"), ("b.sql", $"--liquibase formatted sql\n--changeset me:2\n{B}--rollback drop table b;\n")),
        new("Liquibase in XML", ("changelog.xml", "<databaseChangeLog><changeSet id=\"1\" author=\"me\"><createTable tableName=\"a\"/></changeSet></databaseChangeLog>")),
        new("Hasura", ("config.yaml", "version: 3\nendpoint: http://localhost:8080\n"), ("migrations/default/1704067200000_a/up.sql", A), ("migrations/default/1704067200000_a/down.sql", DropA)),
        new("Diesel", ("diesel.toml", ""), ("migrations/2024-01-01-000000_a/up.sql", A), ("migrations/2024-01-01-000000_a/down.sql", DropA), ("migrations/2024-01-02-000000_b/up.sql", B), ("migrations/2024-01-02-000000_b/down.sql", DropB)),
        new("up.sql and down.sql in folders", ("1_a/up.sql", A), ("1_a/down.sql", DropA)),
        new("Diesel with a folder of its own", ("diesel.toml", "[migrations_directory]\ndir = \"db/m\"\n"), ("db/m/1_a/up.sql", A), ("db/m/1_a/down.sql", DropA), ("migrations/1_old/up.sql", DropA)),
        new("Supabase", ("supabase/config.toml", "project_id = \"shop\"\n"), ("supabase/migrations/20240101000000_a.sql", A), ("supabase/migrations/20240102000000_b.sql", B), ("supabase/seed.sql", "INSERT INTO a VALUES (1);\n")),
        new("tern", ("001_a.sql", $"{A}---- create above / drop below ----\n{DropA}"), ("002_b.sql", B)),
        new("Atlas", ("migrations/atlas.sum", "h1:0\n"), ("migrations/20240101_a.sql", A), ("migrations/20240102_b.sql", B)),
        new("Atlas beside pairs", ("migrations/atlas.sum", "h1:0\n"), ("migrations/1_a.up.sql", A), ("migrations/1_a.down.sql", DropA)),
        new("Rails", ("db/migrate/20240101000000_a.rb", "class A < ActiveRecord::Migration[7.1]\nend"), ("db/structure.sql", A)),
        new("Knex", ("knexfile.js", "module.exports = {}"), ("migrations/20240101000000_a.js", "exports.up = knex => knex.schema.createTable('a', t => {})")),
        new("Knex with a folder of its own", ("knexfile.js", "module.exports = { migrations: { directory: './src/db/changes' } }"), ("src/db/changes/20240101000000_a.js", "exports.up = knex => knex.schema.createTable('a', t => {})")),
        new("TypeORM", ("src/migrations/1704067200000-A.ts", "export class A1704067200000 implements MigrationInterface {}")),
        new("Sequelize", ("migrations/20240101000000-a.js", "module.exports = { up: (queryInterface, Sequelize) => {} }")),
        new("Alembic", ("alembic.ini", ""), ("alembic/versions/ae1027a6acf_a.py", "revision = 'ae1027a6acf'\ndown_revision = None\n")),
        new("Django", ("migrations/0001_initial.py", "class Migration(migrations.Migration):\n    pass\n")),
    ];

    /// <summary>As Prisma's own examples have it.</summary>
    private static string Prisma8Migration(string? from, string to) => $$"""{"from":{{(from is null ? "null" : $"\"{from}\"")}},"to":"{{to}}","providedInvariants":[],"createdAt":"2026-06-01T13:47:46.558Z","migrationHash":"hash-{{to}}"}""";

    private static string Prisma8Operation(string id, string sql, string check) =>
        $$"""[{"id":"{{id}}","label":"Create","operationClass":"additive","target":{"id":"postgres"},"precheck":[{"description":"ensure","sql":"{{check}}"}],"execute":[{"description":"create","sql":"{{sql}}"}],"postcheck":[]}]""";

    private static string DbMigrateProgram(string name) =>
        $"const fs = require('fs')\nconst run = (db, way) => db.runSql(fs.readFileSync(`${{__dirname}}/sqls/{name}-${{way}}.sql`, 'utf8'))\nexports.up = db => run(db, 'up')\nexports.down = db => run(db, 'down')\nexports._meta = {{ version: 1 }}\n";
}
