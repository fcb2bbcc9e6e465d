using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Restores.Swaps;

[Collection(RestoreServerGroup.Name)]
public sealed class UndoTests(PgServer pg)
{
    [Fact]
    public async Task A_repeated_undo_is_refused_and_restores_an_older_database_only_if_specified()
    {
        using var folder = new TempFolder();
        var (target, backup) = await ShopAsync(folder);
        var first = await RestoreAsync(backup, target, rowsBefore: 2);
        await RestoreAsync(backup, target, rowsBefore: 3);

        var undo = await UndoAsync(target);
        Assert.Equal(3, await RowsAsync(target));
        foreach (var whatIf in new[] { true, false })
        {
            var refused = await Assert.ThrowsAsync<DbSafetyException>(() => UndoAsync(target, whatIf: whatIf));
            Assert.Equal(("DBS334", 3), (refused.Code, refused.ExitCode));
            Assert.Contains(undo.RetainedAs!, refused.Message, StringComparison.Ordinal);
            Assert.Contains(first.RetainedAs!, refused.Hint, StringComparison.Ordinal);
        }

        Assert.Equal(3, await RowsAsync(target));
        await UndoAsync(target, first.RetainedAs);
        Assert.Equal(2, await RowsAsync(target));
        await UndoAsync(target, undo.RetainedAs);
        Assert.Equal(1, await RowsAsync(target));
    }

    [Fact]
    public async Task Undo_after_an_earlier_undo_and_a_new_restore_undoes_the_new_restore()
    {
        using var folder = new TempFolder();
        var (target, backup) = await ShopAsync(folder);
        await RestoreAsync(backup, target, rowsBefore: 2);
        await UndoAsync(target);
        await RestoreAsync(backup, target, rowsBefore: 3);

        await UndoAsync(target);

        Assert.Equal(3, await RowsAsync(target));
    }

    [Fact]
    public async Task An_older_database_is_swapped_in_only_if_specified_when_the_previous_database_was_dropped()
    {
        using var folder = new TempFolder();
        var (target, backup) = await ShopAsync(folder);
        var first = await RestoreAsync(backup, target, rowsBefore: 2);
        var second = await RestoreAsync(backup, target, rowsBefore: 3);
        await PgServer.ExecuteAsync(pg.Target, $"DROP DATABASE {SqlName.Quote(second.RetainedAs!)}");

        Assert.Equal("DBS336", (await Assert.ThrowsAsync<DbSafetyException>(() => UndoAsync(target))).Code);

        Assert.Equal(1, await RowsAsync(target));
        await UndoAsync(target, first.RetainedAs);
        Assert.Equal(2, await RowsAsync(target));
    }

    [Fact]
    public async Task A_database_that_no_restore_retained_is_not_swapped_in()
    {
        using var folder = new TempFolder();
        var (target, backup) = await ShopAsync(folder);
        await RestoreAsync(backup, target, rowsBefore: 2);
        var other = await pg.CreateDatabaseAsync("other");

        Assert.Equal("DBS335", (await Assert.ThrowsAsync<DbSafetyException>(() => UndoAsync(target, other.Database))).Code);
        Assert.Equal(1, await RowsAsync(target));
    }

    [Fact]
    public async Task An_undo_that_is_canceled_after_its_swap_reports_its_result_and_a_retry_changes_nothing()
    {
        using var folder = new TempFolder();
        var (target, backup) = await ShopAsync(folder);
        await RestoreAsync(backup, target, rowsBefore: 2);
        await RestoreAsync(backup, target, rowsBefore: 3);
        using var cancel = new CancellationTokenSource();
        using (StepListener.At("undo: swapped", cancel.Cancel))
            Assert.NotNull((await new UndoRestore().RunAsync(new UndoRestoreRequest(target), new RecordedEvents(), cancel.Token)).RetainedAs);

        Assert.Equal("DBS334", (await Assert.ThrowsAsync<DbSafetyException>(() => UndoAsync(target))).Code);
        Assert.Equal(3, await RowsAsync(target));
    }

    [Theory]
    [InlineData("undo: swapped")]
    [InlineData("swap: committed")]
    public async Task A_swap_is_reported_as_committed_if_all_sessions_are_terminated_after_it(string point)
    {
        using var folder = new TempFolder();
        var (target, backup) = await ShopAsync(folder);
        var events = new RecordedEvents();
        using (StepListener.At("swap: committed", () => SwapPair.EndAsync(pg.Target, "dbsafety restore by %")))
        {
            await PgServer.ExecuteAsync(target, "INSERT INTO t VALUES (2)");
            var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target) { KeepFor = TimeSpan.FromDays(1) }, events, CancellationToken.None);
            Assert.True(restore.Verified);
        }

        Assert.Contains("the swap is committed, but", events.Text, StringComparison.Ordinal);
        Assert.Equal(1, await RowsAsync(target));
        using (StepListener.At(point, () => SwapPair.EndAsync(pg.Target, "dbsafety undo by %")))
            Assert.NotNull((await UndoAsync(target)).RetainedAs);
        Assert.Equal(2, await RowsAsync(target));
    }

    private async Task<(DatabaseTarget Target, PgBackup Backup)> ShopAsync(TempFolder folder)
    {
        var target = await pg.CreateDatabaseAsync("undo", "CREATE TABLE t (id int); INSERT INTO t VALUES (1)");
        return (target, await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), new RecordedEvents(), CancellationToken.None));
    }

    private static async Task<PgRestore> RestoreAsync(PgBackup backup, DatabaseTarget target, int rowsBefore)
    {
        await PgServer.ExecuteAsync(target, $"TRUNCATE t; INSERT INTO t SELECT generate_series(1, {rowsBefore})");
        return await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target), new RecordedEvents(), CancellationToken.None);
    }

    private static Task<PgRestore> UndoAsync(DatabaseTarget target, string? to = null, bool whatIf = false) =>
        new UndoRestore().RunAsync(new UndoRestoreRequest(target) { To = to, WhatIf = whatIf }, new RecordedEvents(), CancellationToken.None);

    private static Task<long> RowsAsync(DatabaseTarget target) => PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM t");
}
