using System.Text.Json;
using DbSafety.Backups;
using DbSafety.Comparisons;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Comparisons;

[Collection(PgServerGroup.Name)]
public sealed class CompareTests(PgServer pg)
{
    public static TheoryData<bool> Checksums => Round.IsLong ? [false, true] : [true];

    [Theory]
    [MemberData(nameof(Checksums))]
    public async Task Databases_backups_and_fingerprints_can_be_compared_in_every_combination(bool checksum)
    {
        var live = await pg.CreateDatabaseAsync("live", SampleSql.Odd + SampleSql.Shop);
        using var folder = new TempFolder();
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(live, folder.Path) { Checksum = checksum }, new RecordedEvents(), CancellationToken.None);
        string[] measure = ["database", "measure", "--json", "--database-url", live.ToString(), .. checksum ? new[] { "--checksum" } : []];
        var file = Path.Combine(folder.Path, "before.json");
        await File.WriteAllTextAsync(file, (await Dbsafety.RunAsync(measure)).Output);
        string[] sides = [live.ToString(), backup.Path, backup.Payload, file];

        foreach (var (reference, difference) in sides.SelectMany(a => sides.Select(b => (a, b))).Where(p => p.a != p.b && (Round.IsLong || p.a == live.ToString() || p.b == live.ToString())))
        {
            var same = await Dbsafety.RunAsync("database", "compare", reference, difference, "--json");
            Assert.True(same.ExitCode == 0, same.Output + same.Error);
            Assert.Equal(checksum, JsonDocument.Parse(same.Output).RootElement[0].GetProperty("ContentCompared").GetBoolean());
        }

        await PgServer.ExecuteAsync(live, "DELETE FROM orders WHERE id > 400; UPDATE products SET price = price + 1; CREATE TABLE fresh (id int); ALTER TABLE products ALTER price SET DEFAULT 1; DROP TABLE secured; SELECT setval('never_called', 7); SELECT lo_create(0)");
        foreach (var reference in sides[1..])
        {
            var reported = await Dbsafety.RunAsync("database", "compare", reference, live.ToString());
            Assert.Equal(4, reported.ExitCode);
            Assert.Contains("public.orders: 100 rows fewer (500 before, 400 now)", reported.Output, StringComparison.Ordinal);
            Assert.Contains("public.fresh: the table is new, with 0 rows", reported.Output, StringComparison.Ordinal);
            Assert.Contains("public.secured: the table is missing, with 2 rows", reported.Output, StringComparison.Ordinal);
            Assert.Contains("sequence public.never_called: ahead, at 7 instead of 1 (not used yet)", reported.Output, StringComparison.Ordinal);
            Assert.Contains("large objects: 1 more", reported.Output, StringComparison.Ordinal);
            Assert.Contains("column public.products.price: default changed from none to 1", reported.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("table public.fresh", reported.Output, StringComparison.Ordinal);
            Assert.Equal(checksum, reported.Output.Contains("public.products: the same row count (120), but different rows", StringComparison.Ordinal));
            Assert.DoesNotContain("categories", reported.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_partial_backup_has_no_differences_from_its_database()
    {
        var live = await pg.CreateDatabaseAsync("part", SampleSql.Odd + SampleSql.Shop);
        using var folder = new TempFolder();
        var backup = await new BackupDatabase().RunAsync(
            new BackupRequest(live, folder.Path) { Selection = new BackupSelection { Tables = ["orders"] } }, new RecordedEvents(), CancellationToken.None);

        var difference = await new CompareDatabases().RunAsync(new CompareRequest(ComparisonSide.Of(live), ComparisonSide.OfFile(backup.Path)), new RecordedEvents(), CancellationToken.None);

        Assert.True(difference.Same, string.Join('\n', difference.Changes));
        Assert.Contains(difference.NotCompared, n => n.Contains("only a part (tables orders)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("plain", "dump.sql")]
    [InlineData("custom", "dump.backup")]
    [InlineData("tar", "dump.tar")]
    public async Task A_dump_of_another_tool_is_counted_and_compared_and_a_truncated_dump_is_damaged(string format, string name)
    {
        var live = await pg.CreateDatabaseAsync("foreign", SampleSql.Shop);
        using var folder = new TempFolder();
        var dump = Path.Combine(folder.Path, name);
        var tool = await PgTools.FindAsync("pg_dump", 15, CancellationToken.None);
        (await ToolProcess.RunAsync(new ToolCommand(tool.Path, ["--format=" + format, "--file=" + dump]) { Environment = live.ToolEnvironment() }, CancellationToken.None)).OrThrow();
        await PgServer.ExecuteAsync(live, "DELETE FROM orders WHERE id > 400");

        var reported = await Dbsafety.RunAsync("database", "compare", dump, live.ToString());
        await using (var file = File.OpenWrite(dump))
            file.SetLength(file.Length / 2);
        var cut = await Dbsafety.RunAsync("database", "compare", dump, live.ToString());

        Assert.Equal(4, reported.ExitCode);
        Assert.Contains("differs from the dump dump:\n  public.orders: 100 rows fewer (500 before, 400 now)\n  not compared", reported.Output, StringComparison.Ordinal);
        Assert.Contains("not compared: definitions", reported.Output, StringComparison.Ordinal);
        Assert.Equal(4, cut.ExitCode);
        Assert.Contains("DBS204", cut.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_neither_a_backup_nor_a_fingerprint_is_a_usage_error_and_a_missing_file_is_reported()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "package.json");
        await File.WriteAllTextAsync(file, "{\"private\": true}");

        var neither = await Dbsafety.RunAsync("database", "compare", file, file);
        var nothing = await Dbsafety.RunAsync("database", "compare", Path.Combine(folder.Path, "none.json"), file);

        Assert.Equal((2, 5), (neither.ExitCode, nothing.ExitCode));
        Assert.Contains("DBS224", neither.Error, StringComparison.Ordinal);
        Assert.Contains("DBS203", nothing.Error, StringComparison.Ordinal);
    }
}
