using DbSafety.Errors;
using DbSafety.Migrations.Sources;

namespace DbSafety.Core.Tests.Migrations;

/// <summary>What graphile-migrate's configuration makes of its scripts.</summary>
public sealed class GraphileTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("dbsafety-graphile-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Theory]
    [InlineData(".gmrc", "{ \"placeholders\": {\":TBL\": \"users\"}, \"afterAllMigrations\": [\"after.sql\", {\"_\": \"command\", \"command\": \"make types\"}], \"beforeAllMigrations\": {\"_\": \"sql\", \"file\": \"before.sql\"} }")]
    [InlineData(".gmrc", "{\n  // JSON5\n  placeholders: {':TBL': 'users',},\n  afterAllMigrations: ['after.sql', {_: 'command', command: 'make types'},],\n  beforeAllMigrations: 'before.sql', /* , */\n}")]
    [InlineData(".gmrc.js", "const x = {};\nmodule.exports = {\n  connectionString: process.env.DATABASE_URL || `x}`,\n  placeholders: {':TBL': \"users\"},\n  afterAllMigrations: ['after.sql', { _: 'command', command: 'make types' }, { _: 'sql', file: 'shadow.sql', shadow: true }],\n  beforeAllMigrations: ['before.sql'],\n};\n")]
    public void Placeholders_are_replaced_and_scripts_that_run_with_the_migrations_are_read(string name, string config)
    {
        Write((name, config), ("migrations/committed/000001-a.sql", "--! Previous: -\n--! Hash: x\n\nDROP TABLE :TBL; SELECT 1::int, ':TBLX';\n"), ("migrations/after.sql", "DROP TABLE :TBL CASCADE;"), ("migrations/before.sql", "SELECT 1;"), ("migrations/current.sql", "SELECT 2;"));
        foreach (var from in new[] { "", "migrations", "migrations/committed" })
        {
            var folder = MigrationFolder.Open(Path.Combine(root, from));
            Assert.Contains("DROP TABLE users; SELECT 1::int, ':TBLX';", Assert.Single(folder.Files).Text, StringComparison.Ordinal);
            Assert.Equal(["SELECT 1;", folder.Files[0].Text, "DROP TABLE users CASCADE;", ""], folder.WithCallbacks(folder.Files).Select(f => f.Text));
            Assert.Contains("make types", Assert.Single(folder.Callbacks[^1].File.NotAnalysed), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(".gmrc", "{ \"placeholders\": {\":TBL\": \"!ENV\"} }", "DROP TABLE :TBL;")]
    [InlineData(".gmrc.js", "module.exports = { placeholders: {':TBL': process.env.T} };", "DROP TABLE :TBL;")]
    [InlineData(".gmrc.js", "module.exports = { placeholders: names() };", "DROP TABLE :TBL;")]
    [InlineData(".gmrc.js", "module.exports = { ...base };", "SELECT 1;")]
    [InlineData(".gmrc.js", "module.exports = config();", "SELECT 1;")]
    [InlineData(".gmrc.js", "module.exports = { afterAllMigrations: hooks };", "SELECT 1;")]
    [InlineData(".gmrc", "{ \"afterAllMigrations\": [\"gone.sql\"] }", "SELECT 1;")]
    public void An_unsupported_configuration_or_script_is_refused_with_DBS477(string name, string config, string script)
    {
        Write((name, config), ("migrations/committed/000001-a.sql", script));
        Assert.Equal("DBS477", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root).Files.Select(f => f.Text).ToList()).Code);
    }

    [Fact]
    public void The_current_folder_of_Graphile_Migrate_is_not_a_migrations_folder()
    {
        Write((".gmrc", "{}"), ("migrations/committed/000001-a.sql", "SELECT 1;"), ("migrations/current/001-b.sql", "SELECT 1;"));
        Assert.Equal("DBS490", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(Path.Combine(root, "migrations/current"))).Code);
        Write(("other/current/001-b.sql", "SELECT 1;"));
        Assert.Single(MigrationFolder.Open(Path.Combine(root, "other/current")).Files);
    }

    private void Write(params (string Path, string Text)[] files) => new MigrationLayout("", files).WriteTo(root);
}
