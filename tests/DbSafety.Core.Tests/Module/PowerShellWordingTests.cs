using System.Text.RegularExpressions;
using DbSafety.Errors;
using DbSafety.Migrations.Sources;
using DbSafety.PowerShell.Running;

namespace DbSafety.Core.Tests.Module;

/// <summary>Advice as cmdlets print it.</summary>
public sealed partial class PowerShellWordingTests
{
    /// <summary>What the code puts into messages and hints about projects and histories.</summary>
    private static readonly string[] Advice =
    [
        "To continue, mark the applied files: dbsafety migration resolve \"p\" --baseline \"003_c.sql\" --source sql; then only later files run.",
        "mark each as applied here: dbsafety migration resolve \"p\" --applied \"a.sql\"; dbsafety migration resolve \"p\" --applied \"b.sql\"; then only the other files run. If the table is not a migration history, specify --source sql.",
        "dbsafety migration resolve \"p\" --applied NAME --source sql.",
        ", and run them by their own command: --command 'npx knex migrate:latest'",
        "--command 'dbmate up'. To run these files as plain SQL files with a separate migration history: --source sql (-Source Sql).",
        "its own command runs them (--command 'dbmate up')",
    ];

    public static TheoryData<string> Codes => [.. ErrorCatalogue.All.Select(e => e.Code).Where(c => string.CompareOrdinal(c, "DBS470") >= 0 && string.CompareOrdinal(c, "DBS489") <= 0)];

    [Theory]
    [MemberData(nameof(Codes))]
    public void Errors_about_projects_and_their_histories_name_cmdlets_and_parameters(string code)
    {
        var definition = ErrorCatalogue.All.Single(e => e.Code == code);
        foreach (var advice in Advice)
        {
            var error = definition.For("TARGET", advice, advice, advice);
            AssertPowerShell(error.Message);
            AssertPowerShell(error.Hint);
        }
    }

    [Fact]
    public void Notes_of_migrations_name_cmdlets_and_parameters()
    {
        var folder = new MigrationFolder(MigrationSource.Sql, "/m", [], StringComparer.Ordinal);
        var migration = new PgMigration { Name = "001_a.sql", Source = MigrationSource.Sql, State = MigrationState.Failed };
        Assert.All([WayOn.Failed(migration), WayOn.Resumes(migration, 1, 2), WayOn.OutOfOrder(folder, "002_b.sql"), WayOn.Doubtful("001_a.sql", "x"), WayOn.OrderDoubtful("x"), WayOn.Missing(MigrationSource.Sql), WayOn.Modified(folder)], AssertPowerShell);
    }

    [Theory]
    [InlineData("specify --source sql (-Source Sql).", "specify -Source Sql.")]
    [InlineData("go without a rehearsal (--skip-rehearsal, -SkipRehearsal).", "go without a rehearsal (-SkipRehearsal).")]
    [InlineData("without isolation: --allow-unisolated-command (-AllowUnisolatedCommand); to", "without isolation: -AllowUnisolatedCommand; to")]
    [InlineData("have the restore create them (--globals, -Globals), or map them to other roles (--map-role, -RoleMap).", "have the restore create them (-Globals), or map them to other roles (-RoleMap).")]
    [InlineData("run without a pin (--pin-for 0, -PinFor 0).", "run without a pin (-PinFor 0).")]
    [InlineData("prisma migrate deploy itself with --command.", "prisma migrate deploy itself with -Command.")]
    public void What_is_said_for_both_is_said_for_the_cmdlet(string text, string wording) => Assert.Equal(wording, PowerShellWording.Of(text));

    /// <summary>Other tools' options stay: in quotes, and where a file of theirs is named.</summary>
    private static void AssertPowerShell(string text) => Assert.DoesNotMatch(Ours(), Quoted().Replace(PowerShellWording.Of(text), "''"));

    [GeneratedRegex("'[^']*'")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"(?<![\w-])--[a-z]|\bdbsafety [a-z]+ [a-z]")]
    private static partial Regex Ours();
}
