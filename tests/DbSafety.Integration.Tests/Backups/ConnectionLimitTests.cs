using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Scratch;
using Npgsql;

namespace DbSafety.Integration.Tests.Backups;

/// <summary>Roles and databases with a connection limit.</summary>
[Collection(PgServerGroup.Name)]
public sealed class ConnectionLimitTests(PgServer pg)
{
    public static TheoryData<BackupFormat, string, int> Enough => new()
    {
        { BackupFormat.Custom, "ROLE", 3 }, { BackupFormat.Directory, "ROLE", 3 }, { BackupFormat.Directory, "ROLE", 5 }, { BackupFormat.Plain, "DATABASE", 3 }, { BackupFormat.Custom, "ROLE", 6 },
    };

    [Theory]
    [MemberData(nameof(Enough))]
    public async Task A_backup_succeeds_with_three_connections(BackupFormat format, string kind, int limit)
    {
        var (target, role) = await OwnedAsync();
        await PgServer.ExecuteAsync(pg.Target, kind == "ROLE" ? $"ALTER ROLE {role} CONNECTION LIMIT {limit}" : $"ALTER DATABASE {SqlName.Quote(target.Database)} CONNECTION LIMIT {limit}");
        using var folder = new TempFolder();
        var events = new RecordedEvents();

        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Format = format, Checksum = true }, events, CancellationToken.None);

        Assert.True((await BackupTests.Test(backup.Path)).Passed);
        Assert.Equal(620 + 3, backup.Rows);
        Assert.All(backup.Manifest.Tables, t => Assert.NotNull(t.Checksum));
        Assert.DoesNotContain("too many connections", events.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ROLE", 2, 0, "CONNECTION LIMIT 2")]
    [InlineData("DATABASE", 2, 0, "CONNECTION LIMIT 2")]
    [InlineData("ROLE", 5, 3, "CONNECTION LIMIT 5")]
    public async Task Too_few_connections_fail_the_backup_before_it_starts_and_the_error_states_how_many_it_needs(string kind, int limit, int used, string words)
    {
        var (target, role) = await OwnedAsync();
        await PgServer.ExecuteAsync(pg.Target, kind == "ROLE" ? $"ALTER ROLE {role} CONNECTION LIMIT {limit}" : $"ALTER DATABASE {SqlName.Quote(target.Database)} CONNECTION LIMIT {limit}");
        var others = new List<NpgsqlConnection>();
        for (var i = 0; i < used; i++)
            others.Add(await target.OpenAsync(CancellationToken.None));
        using var folder = new TempFolder();

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Jobs = 1 }, new RecordedEvents(), CancellationToken.None));
        foreach (var other in others)
            await other.DisposeAsync();

        Assert.Equal(("DBS136", 3), (error.Code, error.ExitCode));
        Assert.Contains("requires 3, and 2 are available", error.Message, StringComparison.Ordinal);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Empty(folder.Names);
    }

    [Fact]
    public async Task Connections_used_by_other_sessions_while_a_backup_runs_are_reported_as_the_cause()
    {
        var (target, role) = await OwnedAsync();
        await PgServer.ExecuteAsync(pg.Target, $"ALTER ROLE {role} CONNECTION LIMIT 3");
        using var folder = new TempFolder();
        NpgsqlConnection? other = null;
        using var at = StepListener.AtEach(async (point, _) =>
        {
            if (point == "backup: snapshot exported")
                other = await target.OpenAsync(CancellationToken.None);
        });

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), new RecordedEvents(), CancellationToken.None));
        await other!.DisposeAsync();

        Assert.Equal("DBS137", error.Code);
        Assert.Contains("too many connections for role", error.Message, StringComparison.Ordinal);
        Assert.Empty(folder.Names);
    }

    [Fact]
    public async Task The_max_connections_limit_of_the_server_is_also_checked()
    {
        await using var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None, "max_connections=6", "superuser_reserved_connections=3");
        await PgServer.ExecuteAsync(server.Target, "CREATE ROLE plain LOGIN; CREATE TABLE one (id int); INSERT INTO one VALUES (1); ALTER TABLE one OWNER TO plain");
        using var folder = new TempFolder();
        var target = server.Target with { Username = "plain" };

        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), new RecordedEvents(), CancellationToken.None);
        await using var other = await server.Target.OpenAsync(CancellationToken.None);
        var error = await Assert.ThrowsAsync<DbSafetyException>(() => new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), new RecordedEvents(), CancellationToken.None));

        Assert.Equal(1, backup.Rows);
        Assert.Equal("DBS136", error.Code);
        Assert.Contains("requires 3, and 2 are available (max_connections = 6, superuser_reserved_connections = 3)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_restore_succeeds_with_four_connections_or_reports_that_it_needs_them(int limit)
    {
        var (target, role) = await OwnedAsync();
        using var folder = new TempFolder();
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), new RecordedEvents(), CancellationToken.None);
        await PgServer.ExecuteAsync(pg.Target, $"ALTER ROLE {role} CREATEDB CONNECTION LIMIT {limit}");

        var restoring = new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target), new RecordedEvents(), CancellationToken.None);

        if (limit < 4)
            Assert.Equal("DBS136", (await Assert.ThrowsAsync<DbSafetyException>(() => restoring)).Code);
        else
            Assert.True((await restoring).Verified);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public async Task A_restore_in_place_succeeds_with_six_connections_or_reports_that_it_needs_them(int limit)
    {
        var (target, role) = await OwnedAsync();
        using var folder = new TempFolder();
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), new RecordedEvents(), CancellationToken.None);
        await PgServer.ExecuteAsync(pg.Target, $"ALTER ROLE {role} CONNECTION LIMIT {limit}");

        var restoring = new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target) { InPlaceBackup = folder.Path }, new RecordedEvents(), CancellationToken.None);

        if (limit < 6)
            Assert.Equal("DBS136", (await Assert.ThrowsAsync<DbSafetyException>(() => restoring)).Code);
        else
            Assert.True((await restoring).Verified);
    }

    private async Task<(DatabaseTarget Target, string Role)> OwnedAsync()
    {
        var role = "limited_" + Guid.NewGuid().ToString("N")[..6];
        await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {role} LOGIN");
        var target = await pg.CreateDatabaseAsync("limited");
        await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {SqlName.Quote(target.Database)} OWNER TO {role}");
        var owned = target with { Username = role };
        await PgServer.ExecuteAsync(target, $"ALTER SCHEMA public OWNER TO {role}");
        await PgServer.ExecuteAsync(owned, SampleSql.Shop);
        return (owned, role);
    }
}
