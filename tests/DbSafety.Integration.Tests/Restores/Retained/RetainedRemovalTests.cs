using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Databases;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.Integration.Tests.Restores.Swaps;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Retained;
using DbSafety.Restores.Sessions;
using DbSafety.Restores.Swaps;

namespace DbSafety.Integration.Tests.Restores.Retained;

/// <summary>Which databases are listed as retained, and which of them are dropped.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class RetainedRemovalTests(PgServer pg)
{
    private static readonly DateTimeOffset Old = new(2020, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public async Task Only_databases_with_their_own_mark_and_name_are_listed_as_retained()
    {
        var target = pg.Target.On("listed_" + Guid.NewGuid().ToString("N")[..8] + new string('ü', 18));
        await CreateAsync(target.Database);
        var retained = await RetainAsync(target);
        var renamed = await RetainAsync(target, Old.AddDays(1));
        await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {SqlName.Quote(renamed)} RENAME TO {SqlName.Quote(target.Database[..15] + "_archive")}");
        string[] own = [target.Database[..15] + "_archive", target.Database[..15] + "_before_20200101T000000Z"];
        await CreateAsync(own[1]);
        await PgServer.ExecuteAsync(pg.Target, $"COMMENT ON DATABASE {SqlName.Quote(own[1])} IS {SqlName.Literal(await CommentAsync(retained))}");

        var found = Assert.Single(await ListAsync(target));

        Assert.Equal((retained, target.Database, MarkedBy.Restore, Old), (found.Name, found.Database, found.By, found.RetainedAt));
        Assert.True(found.CanUndo && found.Age > TimeSpan.FromDays(365) && found.Bytes > 1_000_000 && found.Connections == 0);
        Assert.Equal(retained, found.ToTarget().Database);
        var all = await new ListDatabases().RunAsync(new DatabaseListRequest(pg.Target), new RecordedEvents(), CancellationToken.None);
        Assert.All([.. own, target.Database], name => Assert.False(all.Single(d => d.Database == name).IsRetained));
        Assert.True(all.Single(d => d.Database == retained).IsRetained);
    }

    [Fact]
    public async Task A_database_that_received_the_name_or_lost_the_mark_of_a_retained_database_is_never_dropped()
    {
        var target = await pg.CreateDatabaseAsync("races");
        var (first, second, third) = (await RetainAsync(target), await RetainAsync(target, Old.AddDays(1)), await RetainAsync(target, Old.AddDays(2)));
        using (StepListener.At("remove retained: checked", () => ReplaceAsync(first)))
            Assert.Equal("DBS343", await RefusedAsync(target, first));
        using (StepListener.At("drop: about to drop", () => ReplaceAsync(second)))
            Assert.Equal("DBS343", await RefusedAsync(target, second));
        using (StepListener.At("drop: about to drop", () => PgServer.ExecuteAsync(pg.Target, $"COMMENT ON DATABASE {SqlName.Quote(third)} IS 'mine'")))
            Assert.Equal("DBS343", await RefusedAsync(target, third));

        Assert.Equal("mine", await CommentAsync(third));
        Assert.All([first, first + "_x", second, second + "_x", third], name => Assert.Contains(name, Databases()));
    }

    [Fact]
    public async Task A_rename_that_waits_for_the_lock_of_the_removal_stops_it()
    {
        var target = await pg.CreateDatabaseAsync("queue");
        var name = await RetainAsync(target);
        Task? rename = null;
        using (StepListener.At("drop: database locked", async () =>
        {
            rename = Task.Run(() => PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {SqlName.Quote(name)} RENAME TO {SqlName.Quote(name + "_x")}"));
            while (!await PgServer.ScalarAsync<bool>(pg.Target, "SELECT EXISTS (SELECT FROM pg_locks WHERE classid = 'pg_database'::regclass AND mode = 'AccessExclusiveLock' AND NOT granted)"))
                await Task.Yield();
        }))
        {
            var refused = await Assert.ThrowsAsync<DbSafetyException>(() => RemoveAsync(target, name));
            Assert.Equal("DBS343", refused.Code);
            Assert.Contains("is about to rename it or drop it", refused.Message, StringComparison.Ordinal);
        }

        await rename!;
        Assert.Contains(name + "_x", Databases());
    }

    [Fact]
    public async Task An_interrupted_removal_leaves_the_database_and_its_mark_and_can_be_repeated()
    {
        var target = await pg.CreateDatabaseAsync("interrupted");
        var name = await RetainAsync(target);
        await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {SqlName.Quote(name)} IS_TEMPLATE true");
        using (StepListener.At("drop: database locked", () => SwapPair.EndAsync(pg.Target, "dbsafety drop")))
            Assert.Equal("DBS343", await RefusedAsync(target, name));

        await RemoveAsync(target, name);
        Assert.DoesNotContain(name, Databases());
    }

    [Fact]
    public async Task A_retained_database_in_use_or_of_a_run_in_progress_is_not_dropped()
    {
        var target = await pg.CreateDatabaseAsync("used");
        var name = await RetainAsync(target);
        await using (await target.On(name).OpenAsync(CancellationToken.None, "psql of somebody"))
        {
            var refused = await Assert.ThrowsAsync<DbSafetyException>(() => RemoveAsync(target, name));
            Assert.Equal(("DBS343", 3), (refused.Code, refused.ExitCode));
            Assert.Contains("it is in use: pid", refused.Message, StringComparison.Ordinal);
        }

        await using (await ServerLock.TakeAsync(target, "restore", CancellationToken.None))
            Assert.Equal("DBS115", await RefusedAsync(target, name));
        Assert.Contains(name, Databases());
    }

    [Fact]
    public async Task Age_alone_drops_no_database_whose_original_is_gone_and_every_condition_must_be_met()
    {
        var (target, gone) = (await pg.CreateDatabaseAsync("aged"), await pg.CreateDatabaseAsync("gone"));
        var (old, recent, only) = (await RetainAsync(target), await RetainAsync(target, DateTimeOffset.UtcNow), await RetainAsync(gone));
        await PgServer.ExecuteAsync(pg.Target, $"DROP DATABASE {gone.Database}");
        var (events, age) = (new RecordedEvents(), TimeSpan.FromDays(30));

        Assert.Equal([old], await PlanAsync(new(target) { KeepFor = age, Database = target.Database }, events));
        Assert.Empty(await PlanAsync(new(target) { KeepFor = age, Database = gone.Database }, events));
        Assert.Contains($"{only} is not removed by its age", events.Text, StringComparison.Ordinal);
        Assert.False((await ListAsync(gone)).Single().CanUndo);
        await CreateAsync(gone.Database);
        Assert.Empty(await PlanAsync(new(target) { KeepFor = age, Database = gone.Database }, events));
        Assert.True((await ListAsync(gone)).Single().CanUndo);
        Assert.Equal([only], await PlanAsync(new(target) { KeepFor = age, Names = [only] }, events));
        Assert.Equal([old], await PlanAsync(new(target) { KeepFor = age, Names = [target.Database + "_*"] }, events));
        Assert.Empty(await PlanAsync(new(target) { KeepFor = age, Names = [recent] }, events));
        var other = await pg.CreateDatabaseAsync("aged_too");
        await RetainAsync(other);
        Assert.DoesNotContain("these are retained databases of", events.Text, StringComparison.Ordinal);
        Assert.Superset(new HashSet<string> { old, RetainedDatabases.BeforeName(other.Database, Old) }, (await PlanAsync(new(target) { KeepFor = age }, events)).ToHashSet());
        Assert.Contains("these are retained databases of", events.Text, StringComparison.Ordinal);
        Assert.Equal("DBS338", (await Assert.ThrowsAsync<DbSafetyException>(() => PlanAsync(new(target), events))).Code);
        Assert.Equal("DBS335", (await Assert.ThrowsAsync<DbSafetyException>(() => PlanAsync(new(target) { Names = [target.Database] }, events))).Code);
    }

    [Fact]
    public async Task Undos_in_one_second_retain_a_database_each_and_swap_in_no_database_that_received_the_name()
    {
        var target = await pg.CreateDatabaseAsync("undos", "CREATE TABLE t AS SELECT 1 AS id");
        using var folder = new TempFolder();
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), new RecordedEvents(), CancellationToken.None);
        await PgServer.ExecuteAsync(target, "INSERT INTO t VALUES (2)");
        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target), new RecordedEvents(), CancellationToken.None);
        Assert.Contains($"--to \"{restore.RetainedAs}\"", restore.Undo!.Command, StringComparison.Ordinal);

        var plan = await new UndoRestore().RunAsync(new UndoRestoreRequest(target) { WhatIf = true }, new RecordedEvents(), CancellationToken.None);
        Assert.Contains("public.t: 1 rows now, 2 rows after the undo", plan.Notes);
        var names = new List<string> { restore.RetainedAs! };
        for (var i = 0; i < 3; i++)
            names.Add((await new UndoRestore().RunAsync(new UndoRestoreRequest(target) { To = names[^1] }, new RecordedEvents(), CancellationToken.None)).RetainedAs!);

        Assert.Equal(4, names.Distinct().Count());
        Assert.Equal(names[^1], Assert.Single(await ListAsync(target)).Name);
        using (StepListener.At("undo: chosen", () => ReplaceAsync(names[^1])))
            Assert.Equal("DBS305", (await Assert.ThrowsAsync<DbSafetyException>(() => new UndoRestore().RunAsync(new UndoRestoreRequest(target) { To = names[^1] }, new RecordedEvents(), CancellationToken.None))).Code);
        Assert.Equal(2, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM t"));
    }

    /// <summary>Another session takes the database away and gives its name to a new one.</summary>
    private async Task ReplaceAsync(string name)
    {
        await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {SqlName.Quote(name)} RENAME TO {SqlName.Quote(name + "_x")}");
        await CreateAsync(name);
    }

    private Task CreateAsync(string name) => PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {SqlName.Quote(name)} TEMPLATE template0");

    /// <summary>A database as a restore leaves it.</summary>
    private async Task<string> RetainAsync(DatabaseTarget target, DateTimeOffset? at = null)
    {
        var name = RetainedDatabases.BeforeName(target.Database, at ?? Old);
        await CreateAsync(name);
        await using var maintenance = await pg.Target.OpenAsync(CancellationToken.None);
        await RetainedDatabases.MarkNewAsync(maintenance, name, await RetainedDatabases.NewMarkAsync(maintenance, target.Database, MarkKind.Before, MarkedBy.Restore, at ?? Old, CancellationToken.None), CancellationToken.None);
        return name;
    }

    private Task<IReadOnlyList<PgRetainedDatabase>> ListAsync(DatabaseTarget target) =>
        new ListRetained().RunAsync(new RetainedListRequest(pg.Target) { Database = target.Database }, new RecordedEvents(), CancellationToken.None);

    private static async Task<IEnumerable<string>> PlanAsync(RetainedRemovalRequest request, RecordedEvents events) =>
        (await new PlanRetainedRemovals().RunAsync(request, events, CancellationToken.None)).Select(r => r.Name);

    private async Task<PgRetainedDatabase> RemoveAsync(DatabaseTarget target, string name) =>
        await new RemoveRetained().RunAsync(new RetainedDropRequest((await ListAsync(target)).Single(r => r.Name == name), pg.Target), new RecordedEvents(), CancellationToken.None);

    private async Task<string> RefusedAsync(DatabaseTarget target, string name) => (await Assert.ThrowsAsync<DbSafetyException>(() => RemoveAsync(target, name))).Code;

    private Task<string> CommentAsync(string database) =>
        PgServer.ScalarAsync<string>(pg.Target, $"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = {SqlName.Literal(database)}");

    private string[] Databases() => PgServer.ScalarAsync<string[]>(pg.Target, "SELECT array_agg(datname::text) FROM pg_database").GetAwaiter().GetResult();
}
