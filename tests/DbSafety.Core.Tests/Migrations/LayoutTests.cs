using DbSafety.Errors;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Sources.Flyway;

namespace DbSafety.Core.Tests.Migrations;

/// <summary>Holds docs/layouts.md and what is recognised together.</summary>
public sealed class LayoutTests : IDisposable
{
    private static readonly string Page = File.ReadAllText(Repository.Folder("docs/layouts.md"));

    private readonly string root = Directory.CreateTempSubdirectory("dbsafety-layouts-").FullName;

    public static TheoryData<string> Names => [.. MigrationLayouts.All.Select(l => l.Name)];

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_folder_is_read_as_documented(string name)
    {
        MigrationLayouts.All.Single(l => l.Name == name).WriteTo(root);
        var row = Row(name);
        Assert.True(Page.Contains(row, StringComparison.Ordinal), $"docs/layouts.md has no row: {row}");
    }

    [Fact]
    public void The_documentation_lists_exactly_the_tested_layouts() =>
        Assert.Equal(MigrationLayouts.All.Select(l => l.Name), Page.Split('\n').Where(l => l.StartsWith("| ", StringComparison.Ordinal)).Skip(1).Select(l => l.Split('|')[1].Trim()));

    [Theory]
    [MemberData(nameof(Names))]
    public void Test_list_and_run_read_the_same_files(string name)
    {
        MigrationLayouts.All.Single(l => l.Name == name).WriteTo(root);
        if (Try(() => MigrationFolder.Open(root)) is not ({ } folder, _))
            return;
        Assert.Equal(
            folder.WithCallbacks([.. folder.Files.Where(f => !f.IsUnlisted)]).Select(f => f.RelativePath),
            Try(() => ScriptFolder.Find(root)) is ({ } scripts, _) ? scripts.Where(s => !s.IsUndo).Select(s => s.File) : folder.Files.Select(f => f.RelativePath));
    }

    [Fact]
    public void Only_the_up_part_of_a_migration_is_read()
    {
        foreach (var layout in MigrationLayouts.All)
        {
            var folder = Path.Combine(root, Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(folder);
            layout.WriteTo(folder);
            if (Try(() => MigrationFolder.Open(folder)) is ({ } read, _))
                Assert.All(read.WithCallbacks([.. read.Files.Where(f => !f.IsUnlisted)]).Where(f => Try(() => f.Text).Code is null), f => Assert.DoesNotContain("DROP TABLE", f.Text.Replace("-- DROP TABLE b;", "", StringComparison.Ordinal), StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_Flyway_checksum_is_the_CRC_32_of_the_lines() =>
        Assert.Equal(("-873187034", "-873187034"), (FlywayChecksum.Of("123456789"u8.ToArray()), FlywayChecksum.Of("\uFEFF1234\r\n56789\n"u8.ToArray())));

    [Fact]
    public void The_earlier_script_of_a_reworked_sqitch_change_is_named_with_its_tag()
    {
        new MigrationLayout("", ("sqitch.plan", "%project=x\n\na 2024-01-01T00:00:00Z x <x@x>\n@v1 2024-01-02T00:00:00Z x <x@x>\n\na [a@v1] 2024-01-03T00:00:00Z x <x@x>\n"), ("deploy/a.sql", "SELECT 2;"), ("deploy/a@v1.sql", "SELECT 1;")).WriteTo(root);
        Assert.Equal(["a@v1", "a"], MigrationFolder.Open(root).Files.Select(f => f.Name));
    }

    [Theory]
    [InlineData("deploy")]
    [InlineData("revert")]
    public void The_script_folders_of_sqitch_are_not_read_as_plain_SQL_files(string from)
    {
        MigrationLayouts.All.Single(l => l.Name == "sqitch").WriteTo(root);
        Assert.Equal(["b", "a"], MigrationFolder.Open(Path.Combine(root, from)).Files.Select(f => f.Name));
    }

    private string Row(string name)
    {
        var (folder, error) = Try(() => MigrationFolder.Open(root));
        var (scripts, unreadable) = Try(() => ScriptFolder.Find(root).Where(s => !s.IsUndo).Select(s => s.File).ToList());
        var kind = folder is null ? "—" : folder.Tool?.Name ?? (folder.Source == MigrationSource.Sql ? "SQL files" : folder.Source.ToString());
        var test = scripts is null ? $"refused ({unreadable})" : string.Join(", ", scripts.Select(s => $"`{s}`"));
        var isKnown = folder?.Tool is not { Histories.Count: 0 };
        var list = folder is null ? $"refused ({error})" : !isKnown ? "refused (DBS474)" : folder.Tool is { } tool ? string.Join(" or ", tool.Histories.Select(h => $"`{h.Schema}.{h.Table}`").Distinct()) : folder.Source == MigrationSource.Sql ? "`dbsafety.migrations`" : "its own";
        var run = folder is null ? $"refused ({error})" : !isKnown ? "refused (DBS474)" : folder.Tool is null ? "yes" : folder.CanBeSql ? "by `--command`, or `--source sql`" : "by `--command`";
        return $"| {name} | {kind} | {test} | {list} | {run} |";
    }

    private static (T? Result, string? Code) Try<T>(Func<T> work)
        where T : class
    {
        try
        {
            return (work(), null);
        }
        catch (DbSafetyException e)
        {
            return (null, e.Code);
        }
    }
}
