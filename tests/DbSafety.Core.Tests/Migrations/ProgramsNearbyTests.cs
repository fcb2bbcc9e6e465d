using DbSafety.Errors;
using DbSafety.Migrations.Sources;

namespace DbSafety.Core.Tests.Migrations;

/// <summary>SQL files above, below or beside migrations that are programs.</summary>
public sealed class ProgramsNearbyTests : IDisposable
{
    private const string Alembic = "revision = 'a'\ndown_revision = None\n";

    private const string Knex = "exports.up = knex => knex.raw('SELECT 1')";

    private readonly string root = Directory.CreateTempSubdirectory("dbsafety-near-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Theory]
    [InlineData("001_a.sql", "", "app/db/versions/ae10_x.py", Alembic, "Alembic")]
    [InlineData("001_a.sql", "", "alembic/versions/ae10_x.py", Alembic, "Alembic")]
    [InlineData("2024-06-01_report.sql", "", "shop/migrations/0001_initial.py", "class Migration(migrations.Migration):\n", "Django")]
    [InlineData("001_a.sql", "", "Shop.Data/Migrations/20240101000000_A.cs", "public partial class A : Migration\n{\n", "Entity Framework")]
    [InlineData("001_a.sql", "", "server/db/changes/20240101_a.js", Knex, "Knex")]
    [InlineData("sql/001_a.sql", "sql", "20240101_a.js", Knex, "Knex")]
    [InlineData("alembic/sql/view.sql", "alembic/sql", "alembic/versions/ae10_x.py", Alembic, "Alembic")]
    [InlineData("src/db/sql/001_a.sql", "src/db/sql", "src/db/migs/20240101_a.js", Knex, "Knex")]
    [InlineData("001_a.sql", "", "db/migrations/1_a.sql", "-- migrate:up\nSELECT 1;", "dbmate")]
    public void SQL_files_that_may_belong_to_the_migrations_of_another_tool_are_refused_and_named(string sql, string from, string program, string text, string tool)
    {
        new MigrationLayout("", (sql, "SELECT 1;"), (program, text)).WriteTo(root);
        var path = Path.Combine(root, from);
        foreach (var read in new Action[] { () => MigrationFolder.Open(path), () => ScriptFolder.Find(path), () => MigrationFolder.OpenForCommand(path) })
        {
            var error = Assert.Throws<DbSafetyException>(read);
            Assert.Equal("DBS481", error.Code);
            Assert.Contains(tool, error.Message, StringComparison.Ordinal);
            Assert.Contains(Path.GetDirectoryName(Path.Combine(root, program))!, error.Hint, StringComparison.Ordinal);
            Assert.Contains("--source sql", error.Hint, StringComparison.Ordinal);
        }

        Assert.Equal([Path.GetFileName(sql)], MigrationFolder.Open(path, MigrationSource.Sql).Files.Select(f => f.Name));
    }

    [Theory]
    [InlineData("001_a.sql", "", "node_modules/x/migrations/20240101_a.js", Knex)]
    [InlineData("001_a.sql", "", "src/1_knex.test.txt", Knex)]
    [InlineData("migrations/001_a.sql", "migrations", "src/db/20240101_a.js", Knex)]
    [InlineData("db/sql/001_a.sql", "db/sql", "db/seeds/20240101_a.js", Knex)]
    [InlineData("001_a.sql", "", "tools/2024_export.py", "print('down_revision')")]
    [InlineData("001_a.sql", "", "app/models_shop.py", "x = 1\n")]
    public void Unrelated_programs_in_a_project_do_not_refuse_its_SQL_files(string sql, string from, string program, string text)
    {
        new MigrationLayout("", (sql, "SELECT 1;"), (program, text)).WriteTo(root);
        Assert.Equal(MigrationSource.Sql, MigrationFolder.Open(Path.Combine(root, from)).Source);
    }
}
