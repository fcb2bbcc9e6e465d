using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>DROP TABLE … CASCADE takes along the tables that inherit from it.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class InheritedTableTests(PgServer pg)
{
    private const string Schema =
        """
        CREATE TABLE parent (id int);
        INSERT INTO parent VALUES (1);
        CREATE TABLE child (note text) INHERITS (parent);
        INSERT INTO child SELECT i, 'c' || i FROM generate_series(1, 20) i;
        CREATE TABLE empty_child () INHERITS (child);
        CREATE TABLE beside (id int);
        """;

    [Fact]
    public async Task Child_table_dropped_by_CASCADE_is_reported_with_its_rows_and_requires_its_own_allowance()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", "DROP TABLE parent CASCADE;");

        var refusal = await shop.FailsAsync(shop.Quick("drop-table:parent"), "DBS403");

        Assert.Contains("drops table child, which inherits from parent, by CASCADE: 20 rows would be lost", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("drops table parent", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(21, await shop.CountAsync("parent"));

        var run = await shop.RunAsync(shop.Quick("drop-table:parent", "drop-table:child"));

        Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        Assert.Equal(["1 row of parent", "20 rows of child"], run.Lost.Select(l => l.ToString()).OrderBy(l => l.Length));
    }

    [Fact]
    public async Task Allowance_for_a_parent_table_does_not_cover_child_tables_dropped_by_a_command_or_function()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema, MigrationSource.Sql)).With("1.sql", "DO $$ BEGIN EXECUTE 'DROP TABLE parent CASCADE'; END $$;");
        var refusal = await shop.FailsAsync(shop.Quick("drop-table:parent"), "DBS409");
        Assert.Contains("table child would be dropped (20 rows)", refusal.Message, StringComparison.Ordinal);

        using var other = Shop.At(shop.Target);
        Directory.CreateDirectory(other.Migrations);
        await File.WriteAllTextAsync(Path.Combine(other.Root, "package.json"), "{}");
        await File.WriteAllTextAsync(Path.Combine(other.Root, "migrate.sh"), "psql \"$DATABASE_URL\" -qc 'DROP TABLE parent CASCADE'");
        var command = MigrationCommand.Parse(["sh migrate.sh"]);
        var found = await other.FailsAsync(other.Request("drop-table:parent") with { SkipBackup = true, Command = command }, "DBS405");
        Assert.Contains("table child with 20 rows would be dropped", found.Message, StringComparison.Ordinal);

        var run = await other.RunAsync(other.Request("drop-table:parent", "drop-table:child") with { SkipBackup = true, Command = command });
        Assert.Equal(["1 row of parent", "20 rows of child"], run.Lost.Where(l => l.Gone).Select(l => l.ToString()).OrderBy(l => l.Length));
    }
}
