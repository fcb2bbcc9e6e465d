using DbSafety.Core.Tests.Migrations;
using DbSafety.Databases;
using DbSafety.Integration.Tests.Rounds;
using DbSafety.Migrations;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>Migrations of other tools, with the real tools as judges.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class OtherToolTests(PgServer pg)
{
    [Theory]
    [InlineData("dbmate", "20240101000000_a.sql", "20240102000000_b.sql")]
    [InlineData("node-pg-migrate", "1704067200000_a.sql", "1704067300000_b.sql")]
    [InlineData("graphile-migrate", "000001-a.sql", "000002-b.sql")]
    [InlineData("db-migrate", "20240101000000-a", "20240102000000-b")]
    [InlineData("sqitch", "b", "a")]
    public async Task The_real_tool_and_we_agree_on_what_is_pending_and_its_command_runs_it(string name, string first, string second)
    {
        // Debian has it; npm does not.
        if (name == "sqitch" && !Round.IsLong && !File.Exists("/usr/bin/sqitch"))
            return;
        using var folder = new TempFolder();
        var layout = MigrationLayouts.All.Single(l => l.Name == name);
        var target = await pg.CreateDatabaseAsync("tool");
        using var shop = Shop.At(target);
        layout.WriteTo(folder.Path);
        var tool = await RealTool.InstallAsync(name, folder.Path);
        Assert.Equal($"{first}:Pending {second}:Pending", await StatesAsync(folder.Path, target));

        // One of the two, as an earlier release had it.
        await WithoutAsync(folder.Path, name, second, () => tool.UpAsync(folder.Path, target));
        layout.WriteTo(folder.Path);
        Assert.Equal($"{first}:Applied {second}:Pending", await StatesAsync(folder.Path, target));
        var findings = await new AnalyseMigrations().RunAsync(new MigrationTestRequest(folder.Path, target, All: true), shop.Events, CancellationToken.None);
        Assert.All(findings, f => Assert.Contains(second, f.File, StringComparison.Ordinal));
        Assert.Contains(findings, f => f.Rule == "create-table");

        var refused = await shop.FailsAsync(new SafeMigrationRequest(folder.Path, target), "DBS471");
        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
        Assert.Contains("--command", refused.Hint, StringComparison.Ordinal);
        var resolve = await Assert.ThrowsAsync<Errors.DbSafetyException>(() => new ResolveMigration().RunAsync(new MigrationResolveRequest(folder.Path, target, second, MigrationResolution.Applied), shop.Events, CancellationToken.None));
        Assert.Equal("DBS472", resolve.Code);
        Assert.Equal($"{first}:Applied {second}:Pending", await StatesAsync(folder.Path, target));

        var run = await shop.RunAsync(new SafeMigrationRequest(folder.Path, target) { SkipBackup = true, SkipRehearsal = true, Command = MigrationCommand.Parse([tool.Command]) });
        Assert.Equal((SafeMigrationOutcome.Applied, second), (run.Outcome, string.Join(' ', run.Applied)));
        Assert.Equal($"{first}:Applied {second}:Applied", await StatesAsync(folder.Path, target));
        Assert.Equal("a b", await PgServer.ScalarAsync<string>(target, "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relname IN ('a', 'b')"));
    }

    [Fact]
    public async Task The_gate_judges_what_another_tools_command_is_going_to_run()
    {
        using var folder = new TempFolder();
        var target = await pg.CreateDatabaseAsync("tool", "CREATE TABLE kept (id int); INSERT INTO kept VALUES (1);");
        using var shop = Shop.At(target);
        Write(folder.Path, "db/migrations/1_x.sql", "-- migrate:up\nDROP TABLE kept;\n-- migrate:down\nCREATE TABLE kept (id int);\n");

        var failure = await shop.FailsAsync(new SafeMigrationRequest(folder.Path, target) { Command = MigrationCommand.Parse(["dbmate up"]) }, "DBS403");

        Assert.Contains("kept", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rehearsal_runs_the_command_on_the_copy_and_then_on_the_database()
    {
        using var folder = new TempFolder();
        MigrationLayouts.All.Single(l => l.Name == "node-pg-migrate").WriteTo(folder.Path);
        var target = await pg.CreateDatabaseAsync("tool");
        using var shop = Shop.At(target);
        var tool = await RealTool.InstallAsync("node-pg-migrate", folder.Path);

        var run = await shop.RunAsync(new SafeMigrationRequest(folder.Path, target) { BackupDestination = Path.Combine(shop.Root, "backups"), AllowUnisolatedCommand = true, Command = MigrationCommand.Parse([tool.Command]) });

        Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        Assert.Equal(MigrationStageState.Done, run.Stages.Single(s => s.Name == "rehearse").State);
        Assert.Equal(2, run.Applied.Count);
    }

    private static async Task WithoutAsync(string folder, string tool, string last, Func<Task> work)
    {
        if (tool == "sqitch")
        {
            var plan = Path.Combine(folder, "sqitch.plan");
            await File.WriteAllLinesAsync(plan, (await File.ReadAllLinesAsync(plan)).Where(l => !l.StartsWith(last + " ", StringComparison.Ordinal)));
        }
        else
        {
            foreach (var file in Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Where(f => Path.GetFileName(f).StartsWith(Path.GetFileNameWithoutExtension(last), StringComparison.Ordinal)).ToList())
                File.Delete(file);
        }

        await work();
    }

    private static void Write(string folder, string file, string text)
    {
        var path = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static async Task<string> StatesAsync(string folder, DatabaseTarget target) =>
        string.Join(' ', (await new GetMigrations().RunAsync(new MigrationListRequest(folder, target), new RecordedEvents(), CancellationToken.None)).Select(m => $"{m.Name}:{m.State}"));
}
