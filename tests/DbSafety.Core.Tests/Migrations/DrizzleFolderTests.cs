using DbSafety.Analysis.Scripts;
using DbSafety.Errors;
using DbSafety.Migrations.Sources;

namespace DbSafety.Core.Tests.Migrations;

public sealed class DrizzleFolderTests : IDisposable
{
    private const string Journal = """{"version":"7","dialect":"postgresql","entries":[{"idx":0,"when":2,"tag":"0000_b","breakpoints":true},{"idx":1,"when":1,"tag":"0001_a","breakpoints":true}]}""";

    private readonly string root = Directory.CreateTempSubdirectory("dbsafety-tests-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Theory]
    [InlineData("export default defineConfig({ out: './db/out', migrations: { table: 'journal', schema: 'public' } })", "journal", "public")]
    [InlineData("// migrations: { table: 'no' }\nexport default { /* out: 'x' */ \"out\": \"db/out/\", migrations: { schema: `own` }, dialect: 'postgresql' } satisfies Config", "__drizzle_migrations", "own")]
    [InlineData("export default { out: \"./db/out\", dbCredentials: { url: process.env.DATABASE_URL!, table: 'no' } }", "__drizzle_migrations", "drizzle")]
    public void The_Drizzle_configuration_specifies_the_folder_and_the_migration_history_table(string config, string table, string schema)
    {
        Write("drizzle.config.ts", config);
        Write("db/out/meta/_journal.json", Journal);
        foreach (var from in new[] { "", "db/out" })
        {
            var folder = MigrationFolder.Open(Path.Combine(root, from));
            Assert.Equal(MigrationSource.Drizzle, folder.Source);
            Assert.Equal((table, schema), (folder.Drizzle!.Table, folder.Drizzle.Schema));
            Assert.Equal(["0000_b", "0001_a"], folder.Files.Select(f => f.Name));
        }
    }

    [Theory]
    [InlineData("export default { migrations: { table: process.env.TABLE } }", "DBS415")]
    [InlineData("export default { migrations: { table: `${prefix}_m` } }", "DBS415")]
    [InlineData("export default { dialect: 'sqlite' }", "DBS411")]
    public void A_Drizzle_configuration_that_is_computed_or_for_another_database_system_is_rejected(string config, string code)
    {
        Write("drizzle.config.ts", config);
        Write("drizzle/meta/_journal.json", Journal);
        Assert.Equal(code, Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Code);
    }

    [Fact]
    public void Migration_folders_with_a_snapshot_belong_to_Drizzle_and_folders_without_a_snapshot_to_Prisma()
    {
        Write("20240101000000_a/migration.sql", "SELECT 1");
        Assert.Equal(MigrationSource.Prisma, MigrationFolder.Open(root).Source);
        Write("20240101000000_a/snapshot.json", "{}");
        var folder = MigrationFolder.Open(root);
        Assert.Equal((MigrationSource.Drizzle, DrizzleLayout.Folders), (folder.Source, folder.Drizzle!.Layout));
        Assert.Equal(1704067200000, folder.Files[0].RecordedAs);
    }

    [Theory]
    [InlineData("SELECT 1\n--> statement-breakpoint\nSELECT 2")]
    [InlineData("SELECT 1;--> statement-breakpoint SELECT 2;")]
    [InlineData("SELECT 1; -- x\n-- comment --> statement-breakpoint SELECT 2")]
    public void A_statement_breakpoint_ends_a_statement_and_is_not_a_comment(string script)
    {
        var statements = SqlSplitter.Split(DrizzleScript.Statements(script));
        Assert.Equal(["SELECT 1", "SELECT 2"], statements.Select(s => s.Text));
        Assert.Equal(script.IndexOf("SELECT 2", StringComparison.Ordinal), statements[1].Offset);
    }

    [Fact]
    public void The_hash_is_computed_from_the_text_as_decoded_by_Node()
    {
        Write("meta/_journal.json", Journal);
        File.WriteAllBytes(Path.Combine(root, "0000_b.sql"), [0xEF, 0xBB, 0xBF, (byte)'x', 0xFF]);
        // node -e "crypto.createHash('sha256').update(fs.readFileSync('0000_b.sql').toString()).digest('hex')"
        Assert.Equal("867128edd756dd34ff3474d5a33767b29ef58f9b9964a3f5af0fab0450eaa2c5", MigrationFolder.Open(root).Files[0].Checksum);
    }

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, path))!);
        File.WriteAllText(Path.Combine(root, path), text);
    }
}
