using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Databases;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Retained;
using DbSafety.Restores.Swaps;

namespace DbSafety.Integration.Tests.Restores.Retained;

/// <summary>An undo swaps in the database that a swap retained, and no database that has its name or a copy of its mark.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class UndoIdentityTests(PgServer pg)
{
    [Fact]
    public async Task A_database_that_received_the_name_of_a_retained_database_is_not_swapped_in_by_its_name_or_by_the_listed_object()
    {
        using var folder = new TempFolder();
        var (target, retained) = await RestoredAsync(folder);
        var listed = Assert.Single(await ListAsync(target));
        await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {SqlName.Quote(retained)} RENAME TO {SqlName.Quote(retained + "_x")}");
        await CreateAsync(retained);

        Assert.Equal(("DBS339", 3), await RefusedAsync(new(target) { Retained = listed }));
        Assert.Equal(("DBS340", 3), await RefusedAsync(new(target) { To = retained }));
        Assert.Equal(("DBS340", 3), await RefusedAsync(new(target) { To = retained, WhatIf = true }));
        // A comment that was copied has the OID of another database.
        await CommentAsync(retained, await CommentAsync(retained + "_x"));
        Assert.Equal(("DBS340", 3), await RefusedAsync(new(target) { To = retained }));
        await PgServer.ExecuteAsync(pg.Target, $"DROP DATABASE {SqlName.Quote(retained + "_x")}");
        Assert.Equal(("DBS340", 3), await RefusedAsync(new(target) { To = retained }));
        Assert.Equal(("DBS340", 3), await RefusedAsync(new(target)));

        Assert.Equal(1, await RowsAsync(target));
        await UndoAsync(new(target) { To = retained, AllowUnmarked = true });
        Assert.Equal(0, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));
    }

    [Fact]
    public async Task A_retained_database_that_loses_its_mark_before_the_swap_is_not_swapped_in()
    {
        using var folder = new TempFolder();
        var (target, retained) = await RestoredAsync(folder);
        using (StepListener.At("undo: chosen", () => CommentAsync(retained, "mine")))
            Assert.Equal(("DBS305", 1), await RefusedAsync(new(target) { To = retained }));

        Assert.Equal(1, await RowsAsync(target));
        Assert.Equal("mine", await CommentAsync(retained));
    }

    [Fact]
    public async Task A_mark_counts_only_if_the_owner_of_the_database_could_have_swapped()
    {
        using var folder = new TempFolder();
        var (target, retained) = await RestoredAsync(folder);
        var (role, group) = ("r" + target.Database, "g" + target.Database);
        await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {role}; CREATE ROLE {group}");
        var forged = RetainedNames.Of(target.Database, MarkKind.Before, DateTimeOffset.UtcNow.AddHours(1));
        await CreateAsync(forged);
        var live = await PgServer.ScalarAsync<uint>(pg.Target, $"SELECT oid FROM pg_database WHERE datname = '{target.Database}'");
        await using (var maintenance = await pg.Target.OpenAsync(CancellationToken.None))
            await RetainedDatabases.MarkNewAsync(maintenance, forged, DatabaseMark.Read(await CommentAsync(retained))! with { At = Time(forged), Other = live }, CancellationToken.None);
        await OwnAsync(forged, role);

        Assert.Equal(("DBS345", 3), await RefusedAsync(new(target)));
        Assert.Equal(("DBS345", 3), await RefusedAsync(new(target) { To = forged, WhatIf = true }));
        Assert.Equal([(forged, false), (retained, true)], (await ListAsync(target)).Select(r => (r.Name, r.CanUndo)));

        // The owner of the live database is a member of the role that owns the retained database.
        await PgServer.ExecuteAsync(pg.Target, $"GRANT {group} TO {role}");
        await OwnAsync(target.Database, role);
        await OwnAsync(retained, group);
        Assert.Equal([(forged, true), (retained, true)], (await ListAsync(target)).Select(r => (r.Name, r.CanUndo)));
        await UndoAsync(new(target) { To = retained });
        Assert.Equal(2, await RowsAsync(target));
    }

    [Fact]
    public async Task Ages_count_from_the_swap_by_the_clock_of_the_server_even_after_that_clock_was_ahead()
    {
        using var folder = new TempFolder();
        var (target, backup) = await BackedUpAsync(folder);
        var ahead = await RestoreAsync(target, backup);
        var at = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.AddDays(2).ToUnixTimeSeconds());
        var name = RetainedNames.Of(target.Database, MarkKind.Before, at);
        var mark = DatabaseMark.Read(await CommentAsync(ahead.RetainedAs!))! with { At = at, SwappedAt = null };
        await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {SqlName.Quote(ahead.RetainedAs!)} RENAME TO {SqlName.Quote(name)}");
        await CommentAsync(name, mark.AddTo(null));
        Assert.True(Assert.Single(await ListAsync(target)).RetainedAt <= await ClockAsync());

        DateTimeOffset swap = default;
        PgRestore restore;
        using (StepListener.At("swap: checked", async () => swap = await ClockAsync()))
            restore = await RestoreAsync(target, backup, TimeSpan.FromDays(1));

        var newest = (await ListAsync(target))[0];
        Assert.Equal((restore.RetainedAs, true), (newest.Name, string.CompareOrdinal(restore.RetainedAs, name) > 0));
        Assert.InRange(newest.RetainedAt, swap, await ClockAsync());
        Assert.Equal(newest.RetainedAt, restore.Undo!.Since);
        // Retained a moment ago, whatever its name says.
        Assert.Equal([restore.RetainedAs, name], (await ListAsync(target)).Select(r => r.Name));
    }

    [Fact]
    public async Task A_database_that_was_created_again_keeps_the_retained_databases_of_the_dropped_one()
    {
        using var folder = new TempFolder();
        var (target, backup) = await BackedUpAsync(folder);
        var first = (await RestoreAsync(target, backup)).RetainedAs!;
        var undone = (await UndoAsync(new(target))).RetainedAs!;
        await PgServer.ExecuteAsync(pg.Target, $"DROP DATABASE {SqlName.Quote(target.Database)}");
        Assert.Contains(undone, (await Assert.ThrowsAsync<DbSafetyException>(() => UndoAsync(new(target)))).Hint, StringComparison.Ordinal);
        await CreateAsync(target.Database);

        var events = new RecordedEvents();
        Assert.Empty(await new PlanRetainedRemovals().RunAsync(new RetainedRemovalRequest(pg.Target) { Database = target.Database, KeepFor = TimeSpan.Zero }, events, CancellationToken.None));
        Assert.Contains($"{undone} is not removed by its age", events.Text, StringComparison.Ordinal);
        Assert.Equal(("DBS336", 3), await RefusedAsync(new(target)));
        Assert.NotEqual(first, undone);
    }

    [Fact]
    public async Task A_restore_drops_no_old_retained_database_of_a_database_that_was_created_again()
    {
        using var folder = new TempFolder();
        var (target, backup) = await BackedUpAsync(folder);
        var only = (await RestoreAsync(target, backup)).RetainedAs!;
        await PgServer.ExecuteAsync(pg.Target, $"DROP DATABASE {SqlName.Quote(target.Database)}");
        await CreateAsync(target.Database);

        await RestoreAsync(target, backup, TimeSpan.Zero);

        Assert.Equal(2, await RowsAsync(target.On(only)));
    }

    private async Task<(DatabaseTarget Target, string Retained)> RestoredAsync(TempFolder folder)
    {
        var (target, backup) = await BackedUpAsync(folder);
        return (target, (await RestoreAsync(target, backup)).RetainedAs!);
    }

    /// <summary>A database with two rows, and its backup with one.</summary>
    private async Task<(DatabaseTarget Target, PgBackup Backup)> BackedUpAsync(TempFolder folder)
    {
        var target = await pg.CreateDatabaseAsync("identity", "CREATE TABLE t AS SELECT 1 AS id");
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), new RecordedEvents(), CancellationToken.None);
        await PgServer.ExecuteAsync(target, "INSERT INTO t VALUES (2)");
        return (target, backup);
    }

    private static Task<PgRestore> RestoreAsync(DatabaseTarget target, PgBackup backup, TimeSpan? keepFor = null) =>
        new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target) { KeepFor = keepFor }, new RecordedEvents(), CancellationToken.None);

    private static Task<PgRestore> UndoAsync(UndoRestoreRequest request) => new UndoRestore().RunAsync(request, new RecordedEvents(), CancellationToken.None);

    private static async Task<(string Code, int ExitCode)> RefusedAsync(UndoRestoreRequest request)
    {
        var refused = await Assert.ThrowsAsync<DbSafetyException>(() => UndoAsync(request));
        return (refused.Code, refused.ExitCode);
    }

    private Task<IReadOnlyList<PgRetainedDatabase>> ListAsync(DatabaseTarget target) =>
        new ListRetained().RunAsync(new RetainedListRequest(pg.Target) { Database = target.Database }, new RecordedEvents(), CancellationToken.None);

    private Task CreateAsync(string name) => PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {SqlName.Quote(name)} TEMPLATE template0");

    private Task OwnAsync(string name, string role) => PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {SqlName.Quote(name)} OWNER TO {role}");

    private Task<string> CommentAsync(string name) => PgServer.ScalarAsync<string>(pg.Target, $"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = {SqlName.Literal(name)}");

    private Task CommentAsync(string name, string comment) => PgServer.ExecuteAsync(pg.Target, $"COMMENT ON DATABASE {SqlName.Quote(name)} IS {SqlName.Literal(comment)}");

    private async Task<DateTimeOffset> ClockAsync() => new(await PgServer.ScalarAsync<DateTime>(pg.Target, "SELECT clock_timestamp()"), TimeSpan.Zero);

    /// <summary>The time in a name.</summary>
    private static DateTimeOffset Time(string name) =>
        DateTimeOffset.ParseExact(name[^16..], "yyyyMMdd'T'HHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal);

    private static Task<long> RowsAsync(DatabaseTarget target) => PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM t");
}
