using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Backups;

[Collection(PgServerGroup.Name)]
public sealed class BackupSelectionTests(PgServer pg)
{
    private const string Sql = SampleSql.Odd + SampleSql.Shop + """
        CREATE SCHEMA app; CREATE TABLE app.orders (id int); INSERT INTO app.orders VALUES (1); CREATE TABLE app."Orders.x*" (id int); CREATE TABLE app.log_1 (id int); CREATE TABLE app.log_x (id int);
        """;

    public static TheoryData<BackupFormat, string[], string[], string[]> Selections
    {
        get
        {
            var cases = new TheoryData<BackupFormat, string[], string[], string[]>();
            foreach (var format in Enum.GetValues<BackupFormat>())
            {
                cases.Add(format, ["orders"], [], []);
                cases.Add(format, ["app.*"], ["*.log_[0-9]"], []);
                cases.Add(format, ["app.\"Orders.x*\"", "CATEGORIES", "*.\"Tab le\nwith 'line' ü\""], [], []);
                cases.Add(format, [], ["o*", "events*"], []);
                cases.Add(format, [], [], ["app", "Odd*|\"Odd \"\"Schema\"\"\""]);
                cases.Add(format, [], ["app.orders"], ["a*"]);
            }

            return cases;
        }
    }

    /// <summary>The proof is inside: had pg_dump taken other tables than those that were counted, there would be no backup.</summary>
    [Theory]
    [MemberData(nameof(Selections))]
    public async Task A_selection_contains_the_tables_that_pg_dump_selects_for_the_same_patterns(BackupFormat format, string[] tables, string[] excluded, string[] schemas)
    {
        var target = await pg.CreateDatabaseAsync("selected", Sql);
        using var folder = new TempFolder();
        var selection = new BackupSelection { Tables = tables, ExcludeTables = excluded, Schemas = schemas };

        var backup = await Backup(target, folder, selection, format);
        var theirs = await PgDumpTables(target, tables, excluded, schemas);

        Assert.Equal(theirs, backup.Manifest.Tables.Select(t => SqlName.Quote(t.Schema, t.Name)).Order(StringComparer.Ordinal));
        Assert.Equal(BackupState.Excerpt, backup.State);
        var all = (await FingerprintReader.ReadAsync(target, CancellationToken.None)).Tables.Select(t => t.ToString());
        Assert.Equal(all.Order(StringComparer.Ordinal), backup.Manifest.Tables.Select(t => t.ToString()).Concat(backup.Manifest.Scope!.LeftOut).Order(StringComparer.Ordinal));
        Assert.True((await BackupTests.Test(backup.Path)).Passed);
        Assert.Equal(BackupState.Excerpt, SetFiles.Find(backup.Path).State);
    }

    [Theory]
    [MemberData(nameof(BackupTests.Formats), MemberType = typeof(BackupTests))]
    public async Task A_schema_only_backup_restores_empty_tables_and_replaces_a_live_database_only_if_allowed(BackupFormat format)
    {
        var target = await pg.CreateDatabaseAsync("definitions", Sql);
        using var folder = new TempFolder();
        var backup = await Backup(target, folder, new BackupSelection { SchemaOnly = true }, format);
        Assert.True((await BackupTests.Test(backup.Path)).Passed);

        var refused = await Assert.ThrowsAsync<DbSafetyException>(() => Restore(backup, target));
        var beside = await Restore(backup, target.On(target.Database + "_empty"));
        var over = await Restore(backup, target, allow: true);

        Assert.Equal(("DBS320", 3), (refused.Code, refused.ExitCode));
        Assert.Contains("definitions only", refused.Message, StringComparison.Ordinal);
        Assert.Contains(beside.Notes, n => n.Contains("part of", StringComparison.Ordinal));
        Assert.NotNull(over.RetainedAs);
        Assert.Equal(0, (await FingerprintReader.ReadAsync(target, CancellationToken.None)).Rows);
    }

    [Theory]
    [MemberData(nameof(BackupTests.Formats), MemberType = typeof(BackupTests))]
    public async Task A_data_only_backup_is_counted_and_is_not_restored_to_a_missing_database(BackupFormat format)
    {
        var target = await pg.CreateDatabaseAsync("rows", Sql);
        using var folder = new TempFolder();
        var backup = await Backup(target, folder, new BackupSelection { DataOnly = true }, format);

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => Restore(backup, target.On("nowhere_" + target.Database), allow: true));

        Assert.True((await BackupTests.Test(backup.Path)).Passed);
        Assert.Equal((await FingerprintReader.ReadAsync(target, CancellationToken.None)).Tables, backup.Manifest.Tables);
        Assert.Equal("DBS321", error.Code);
    }

    [Fact]
    public async Task A_selected_table_restores_with_its_sequence_to_an_unused_database_name()
    {
        var target = await pg.CreateDatabaseAsync("one", Sql);
        using var folder = new TempFolder();
        var backup = await Backup(target, folder, new BackupSelection { Tables = ["categories"] });

        var restored = await Restore(backup, target.On(target.Database + "_part"));

        Assert.True(restored.Verified);
        Assert.Equal("categories_id_seq", Assert.Single(backup.Manifest.Sequences).Name);
        Assert.Equal(3, await PgServer.ScalarAsync<long>(target.On(target.Database + "_part"), "SELECT count(*) FROM categories"));
    }

    [Theory]
    [InlineData("DBS220", "nothing_like_this", null)]
    [InlineData("DBS221", "orders[", null)]
    [InlineData("DBS221", "a.b.c", null)]
    [InlineData("DBS221", "orders", "app")]
    public async Task An_invalid_selection_is_a_usage_error_and_writes_no_files(string code, string table, string? schema)
    {
        var target = await pg.CreateDatabaseAsync("nonsense", SampleSql.Shop);
        using var folder = new TempFolder();
        var error = await Assert.ThrowsAsync<DbSafetyException>(() => Backup(target, folder, new BackupSelection { Tables = [table], Schemas = schema is null ? [] : [schema] }));
        Assert.Equal((code, 2), (error.Code, error.ExitCode));
        Assert.Empty(folder.Names);
    }

    [Fact]
    public async Task The_backup_does_not_wait_for_locks_on_excluded_tables()
    {
        var target = await pg.CreateDatabaseAsync("locked", SampleSql.Shop);
        using var folder = new TempFolder();
        await using var holder = await target.OpenAsync(CancellationToken.None);
        await holder.ExecuteAsync("BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE", CancellationToken.None);

        var backup = await new BackupDatabase().RunAsync(
            new BackupRequest(target, folder.Path) { Selection = new BackupSelection { Tables = ["categories"] }, LockTimeout = TimeSpan.FromSeconds(2) }, new RecordedEvents(), CancellationToken.None);

        Assert.Equal(3, backup.Rows);
    }

    [Theory]
    [InlineData(BackupFormat.Custom, 0, ".dump")]
    [InlineData(BackupFormat.Plain, 0, ".sql")]
    [InlineData(BackupFormat.Custom, 19, ".dump.zst")]
    [InlineData(BackupFormat.Directory, 0, ".dir")]
    [InlineData(BackupFormat.Directory, 9, ".dir")]
    public async Task The_compression_level_is_the_specified_level(BackupFormat format, int level, string ending)
    {
        var target = await pg.CreateDatabaseAsync("packed", SampleSql.Shop + "INSERT INTO orders (note) SELECT repeat('packs well ', 50) FROM generate_series(1, 2000)");
        using var folder = new TempFolder();

        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Format = format, CompressionLevel = level, Jobs = 1 }, new RecordedEvents(), CancellationToken.None);

        Assert.EndsWith("Z" + ending, backup.Payload, StringComparison.Ordinal);
        Assert.Equal(level == 0, backup.Bytes > 1_000_000);
        Assert.Equal(level == 0, backup.Manifest.Compression == "none");
        Assert.True((await BackupTests.Test(backup.Path)).Passed);
        Assert.True((await Restore(backup, target)).Verified);
    }

    [Fact]
    public async Task An_invalid_compression_level_is_a_usage_error()
    {
        var target = await pg.CreateDatabaseAsync("packed", SampleSql.Shop);
        using var folder = new TempFolder();
        var error = await Assert.ThrowsAsync<DbSafetyException>(() => new BackupDatabase().RunAsync(
            new BackupRequest(target, folder.Path) { Format = BackupFormat.Directory, CompressionLevel = 12 }, new RecordedEvents(), CancellationToken.None));
        Assert.Equal(("DBS223", 2), (error.Code, error.ExitCode));
        Assert.Empty(folder.Names);
    }

    /// <summary>What the stock pg_dump takes for the very same patterns, from its own list.</summary>
    private static async Task<IEnumerable<string>> PgDumpTables(DatabaseTarget target, string[] tables, string[] excluded, string[] schemas)
    {
        List<string> arguments = ["--format=plain", "--data-only", .. tables.Select(t => "--table=" + t), .. excluded.Select(t => "--exclude-table=" + t), .. schemas.Select(s => "--schema=" + s)];
        var tool = await PgTools.FindAsync("pg_dump", 15, CancellationToken.None);
        var dump = (await ToolProcess.RunAsync(new ToolCommand(tool.Path, arguments) { Environment = target.ToolEnvironment() }, CancellationToken.None)).OrThrow();
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(dump.Output));
        return DbSafety.Backups.Dumps.PlainDump.Count(stream, CancellationToken.None).Tables.Select(t => SqlName.Quote(t.Schema, t.Name)).Order(StringComparer.Ordinal);
    }

    private static Task<PgBackup> Backup(DatabaseTarget target, TempFolder folder, BackupSelection selection, BackupFormat format = BackupFormat.Custom) =>
        new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Format = format, Selection = selection }, new RecordedEvents(), CancellationToken.None);

    private static Task<PgRestore> Restore(PgBackup backup, DatabaseTarget target, bool allow = false) =>
        new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target) { AllowExcerpt = allow }, new RecordedEvents(), CancellationToken.None);
}
