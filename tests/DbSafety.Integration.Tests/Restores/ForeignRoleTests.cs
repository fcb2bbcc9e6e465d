using DbSafety.Backups;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>Roles that foreign dumps name, and dumps of several databases.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class ForeignRoleTests(PgServer pg)
{
    [Theory]
    [InlineData("custom")]
    [InlineData("plain")]
    public async Task Missing_roles_of_policies_and_user_mappings_are_reported_before_the_restore_and_created_by_a_drill(string shape)
    {
        var (reader, mapped) = (Role("reader"), Role("mapped"));
        await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {reader}; CREATE ROLE {mapped}");
        var source = await pg.CreateDatabaseAsync("policies", $"CREATE TABLE t (id int); CREATE POLICY p ON t TO {reader} USING (id > 0); CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE USER MAPPING FOR {mapped} SERVER s;");
        using var folder = new TempFolder();
        var path = await ForeignDumps.MakeAsync(shape, source, folder.Path);
        await PgServer.ExecuteAsync(source, $"DROP OWNED BY {reader}, {mapped} CASCADE; DROP ROLE {reader}, {mapped}");
        var target = pg.Target.On(source.Database + "_new");
        foreach (var noOwner in new[] { false, true })
        {
            var missing = await Assert.ThrowsAsync<DbSafetyException>(() => new RestoreDatabase().RunAsync(new RestoreRequest(path, target) { Options = new RestoreOptions { NoOwner = noOwner } }, new RecordedEvents(), CancellationToken.None));
            Assert.Equal("DBS302", missing.Code);
            Assert.Contains(reader, missing.Message, StringComparison.Ordinal);
            Assert.Contains(mapped, missing.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("--globals", missing.Hint, StringComparison.Ordinal);
            Assert.DoesNotContain("--no-owner", missing.Hint, StringComparison.Ordinal);
            Assert.Equal(shape != "plain", missing.Hint.Contains("--map-role", StringComparison.Ordinal));
        }

        var drill = await new DrillBackup().RunAsync(new BackupTestRequest(path), new RecordedEvents(), CancellationToken.None);

        Assert.True(drill.Passed, string.Join("; ", drill.Problems));
    }

    [Fact]
    public async Task A_drill_restores_each_database_of_a_file_with_several_databases()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "all.sql");
        const string Two = """
            CREATE DATABASE one; CREATE DATABASE two;
            \connect one
            CREATE TABLE a (id int); INSERT INTO a VALUES (1);
            \connect two
            CREATE TABLE b (id int); {0}
            \connect postgres
            CREATE TABLE c (id int);

            """;
        await File.WriteAllTextAsync(path, Two.Replace("{0}", "", StringComparison.Ordinal));

        var drill = await new DrillBackup().RunAsync(new BackupTestRequest(path), new RecordedEvents(), CancellationToken.None);
        await File.WriteAllTextAsync(path, Two.Replace("{0}", "CREATE TABLE b (id int);", StringComparison.Ordinal).Replace("CREATE TABLE a (id int);", "CREATE TABLE a (id none);", StringComparison.Ordinal));
        var broken = await new DrillBackup().RunAsync(new BackupTestRequest(path), new RecordedEvents(), CancellationToken.None);

        Assert.True(drill.Passed, string.Join("; ", drill.Problems));
        Assert.Equal(["one", "two"], broken.Problems.Select(p => p.Split(':')[0]));
    }

    private static string Role(string name) => name + Guid.NewGuid().ToString("N")[..6];
}
