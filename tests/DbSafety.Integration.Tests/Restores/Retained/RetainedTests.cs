using System.Text;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Errors;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Swaps;

namespace DbSafety.Integration.Tests.Restores.Retained;

/// <summary>Which database a retained or temporary one belongs to.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class RetainedTests(PgServer pg)
{
    [Fact]
    public async Task Databases_whose_long_names_share_a_prefix_do_not_conflict()
    {
        var (a, b) = await LongNamesAsync("a");
        using var folder = new TempFolder();
        var (ofA, ofB) = (await BackupAsync(a, folder), await BackupAsync(b, folder));
        await PgServer.ExecuteAsync(a, "UPDATE whose SET text = 'a, written later'");
        await PgServer.ExecuteAsync(b, "UPDATE whose SET text = 'b, written later'");
        PgRestore? otherRestore = null;
        PgRestore restore;
        using (StepListener.At("swap: both databases renamed", async () => otherRestore = await RestoreAsync(ofB, b)))
            restore = await RestoreAsync(ofA, a);

        Assert.NotEqual(restore.RetainedAs, otherRestore!.RetainedAs);
        Assert.All([restore.RetainedAs!, otherRestore.RetainedAs!], name => Assert.InRange(Encoding.UTF8.GetByteCount(name), 1, 63));
        Assert.Equal("b, written later", await WhoseAsync(b.On(otherRestore.RetainedAs!)));
        await UndoAsync(a);
        Assert.Equal(("a, written later", "b"), (await WhoseAsync(a), await WhoseAsync(b)));

        // Neither keeping for a time nor removing what killed runs left touches the other one's.
        var (killed, unmarked) = (await LeaveAsync(b, isMarked: true), await LeaveAsync(b, isMarked: false));
        await RestoreAsync(ofA, a, keepFor: TimeSpan.Zero);
        Assert.All([otherRestore.RetainedAs!, killed, unmarked], name => Assert.Contains(name, Databases()));
        await RestoreAsync(ofB, b);
        Assert.All([killed, unmarked], name => Assert.DoesNotContain(name, Databases()));
        await UndoAsync(b);
        Assert.Equal("b", await WhoseAsync(b));
    }

    [Fact]
    public async Task A_multibyte_name_is_truncated_at_a_character_boundary()
    {
        var name = new string('ü', 25) + Guid.NewGuid().ToString("N")[..6];
        await PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {SqlName.Quote(name)} TEMPLATE template0");
        var target = pg.Target.On(name);
        await PgServer.ExecuteAsync(target, "CREATE TABLE whose AS SELECT 'ü'::text AS text");
        using var folder = new TempFolder();
        var backup = await BackupAsync(target, folder);
        await PgServer.ExecuteAsync(target, "UPDATE whose SET text = 'later'");

        var restore = await RestoreAsync(backup, target);
        await UndoAsync(target);

        Assert.StartsWith("üü", restore.RetainedAs, StringComparison.Ordinal);
        Assert.DoesNotContain('\uFFFD', restore.RetainedAs!);
        Assert.Equal("later", await WhoseAsync(target));
    }

    [Fact]
    public async Task A_user_database_with_a_matching_name_is_never_dropped_and_is_not_swapped_in_by_default()
    {
        var target = await pg.CreateDatabaseAsync("own", "CREATE TABLE whose AS SELECT 'live'::text AS text");
        using var folder = new TempFolder();
        var backup = await BackupAsync(target, folder);
        string[] own = [target.Database + "_before_20200101T000000Z", target.Database + "_restoring_20200101T000000Z", target.Database + "_before_29990101T000000Z"];
        foreach (var name in own)
            await PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {SqlName.Quote(name)} TEMPLATE template0");
        var events = new RecordedEvents();

        await RestoreAsync(backup, target, TimeSpan.Zero, events);
        var unclear = await Assert.ThrowsAsync<DbSafetyException>(() => UndoAsync(target));

        Assert.All(own, name => Assert.Contains(name, Databases()));
        Assert.Contains($"{own[0]} was retained by an earlier version or is your own database", events.Text, StringComparison.Ordinal);
        Assert.Equal(("DBS340", 3), (unclear.Code, unclear.ExitCode));
        Assert.Contains(own[2], unclear.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_an_earlier_version_retained_is_recognized_only_if_its_name_is_not_truncated()
    {
        var target = await pg.CreateDatabaseAsync("earlier", "CREATE TABLE whose AS SELECT 'live'::text AS text");
        await PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {SqlName.Quote(target.Database + "_before_20260101T000000Z")} TEMPLATE template0");
        var (a, b) = await LongNamesAsync("b");
        var shortened = SqlName.WithSuffix(a.Database, "_before_20260101T000000Z");
        Assert.Equal(shortened, SqlName.WithSuffix(b.Database, "_before_20260101T000000Z"));
        await PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {SqlName.Quote(shortened)} TEMPLATE template0");

        Assert.Equal("DBS340", (await Assert.ThrowsAsync<DbSafetyException>(() => UndoAsync(target))).Code);
        await new UndoRestore().RunAsync(new UndoRestoreRequest(target) { To = target.Database + "_before_20260101T000000Z", AllowUnmarked = true }, new RecordedEvents(), CancellationToken.None);
        var unclear = await Assert.ThrowsAsync<DbSafetyException>(() => UndoAsync(a));

        Assert.Equal(0, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));
        Assert.Equal("DBS342", unclear.Code);
        Assert.Contains(shortened, unclear.Message, StringComparison.Ordinal);
        Assert.Equal("a", await WhoseAsync(a));
    }

    [Fact]
    public async Task Retained_databases_of_a_renamed_database_do_not_belong_to_a_new_database_with_its_old_name()
    {
        var target = await pg.CreateDatabaseAsync("renamed", "CREATE TABLE whose AS SELECT 'first'::text AS text");
        using var folder = new TempFolder();
        var backup = await BackupAsync(target, folder);
        var restore = await RestoreAsync(backup, target);
        await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {SqlName.Quote(target.Database)} RENAME TO {SqlName.Quote(target.Database + "_shop")}");
        await PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {SqlName.Quote(target.Database)} TEMPLATE template0");

        var unclear = await Assert.ThrowsAsync<DbSafetyException>(() => UndoAsync(target));
        await RestoreAsync(backup, target, TimeSpan.Zero);

        Assert.Equal("DBS342", unclear.Code);
        Assert.Contains(restore.RetainedAs!, Databases());
    }

    [Fact]
    public async Task The_user_comment_is_preserved_on_both_databases_and_the_swap_sets_and_removes_the_mark()
    {
        var target = await pg.CreateDatabaseAsync("commented", "CREATE TABLE whose AS SELECT 'x'::text AS text");
        var name = SqlName.Quote(target.Database);
        await PgServer.ExecuteAsync(pg.Target, $"COMMENT ON DATABASE {name} IS E'the shop''s\\nin two lines'");
        using var folder = new TempFolder();
        var backup = await BackupAsync(target, folder);

        var restore = await RestoreAsync(backup, target);

        Assert.Equal("the shop's\nin two lines", await CommentAsync(target.Database));
        Assert.StartsWith("the shop's\nin two lines\ndbsafety: {", await CommentAsync(restore.RetainedAs!), StringComparison.Ordinal);
        var mark = DatabaseMark.Read(await CommentAsync(restore.RetainedAs!))!;
        Assert.Equal((MarkKind.Before, target.Database, MarkedBy.Restore), (mark.Kind, mark.Of, mark.By));
        Assert.Equal((await OidAsync(restore.RetainedAs!), await OidAsync(target.Database)), (mark.Oid, mark.Other!.Value));

        // A backup of the retained copy does not take the mark along, and the swap that rolls back leaves no mark.
        Assert.Equal("the shop's\nin two lines", (await BackupAsync(target.On(restore.RetainedAs!), folder)).Manifest.Properties.Comment);
        using (StepListener.At("swap: before commit", () => throw new InvalidOperationException("stopped here")))
            await Assert.ThrowsAnyAsync<Exception>(() => UndoAsync(target));
        Assert.Equal("the shop's\nin two lines", await CommentAsync(target.Database));

        var undo = await UndoAsync(target);
        Assert.Equal("the shop's\nin two lines", await CommentAsync(target.Database));
        Assert.Equal(MarkKind.Undone, DatabaseMark.Read(await CommentAsync(undo.RetainedAs!))!.Kind);
    }

    [Fact]
    public async Task A_temporary_database_in_use_is_reported_and_preserved()
    {
        var target = await pg.CreateDatabaseAsync("used", "CREATE TABLE whose AS SELECT 'x'::text AS text");
        using var folder = new TempFolder();
        var backup = await BackupAsync(target, folder);
        var killed = await LeaveAsync(target, isMarked: true);
        var first = await RestoreAsync(backup, target);
        await using (var user = await target.On(first.RetainedAs!).OpenAsync(CancellationToken.None, "psql of somebody"))
        {
            Assert.DoesNotContain(killed, Databases());
            killed = await LeaveAsync(target, isMarked: true);
            await using var other = await target.On(killed).OpenAsync(CancellationToken.None, "psql of somebody");
            var events = new RecordedEvents();

            await RestoreAsync(backup, target, TimeSpan.Zero, events);

            Assert.All([killed, first.RetainedAs!], name => Assert.Contains(name, Databases()));
            Assert.All([killed, first.RetainedAs!], name => Assert.Contains($"the database {name} could not be dropped and is still there: it is in use: pid", events.Text, StringComparison.Ordinal));
            Assert.DoesNotContain($"dropped {killed}", events.Text, StringComparison.Ordinal);
            Assert.DoesNotContain($"dropped {first.RetainedAs}", events.Text, StringComparison.Ordinal);
        }
    }

    private async Task<(DatabaseTarget A, DatabaseTarget B)> LongNamesAsync(string test)
    {
        var prefix = ("shop_of_the_company_" + test + Guid.NewGuid().ToString("N")[..8]).PadRight(50, 'x');
        var targets = new[] { pg.Target.On(prefix + "aaaaaaaaaa"), pg.Target.On(prefix + "bbbbbbbbbb") };
        foreach (var target in targets)
        {
            await PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {SqlName.Quote(target.Database)} TEMPLATE template0");
            await PgServer.ExecuteAsync(target, $"CREATE TABLE whose AS SELECT '{target.Database[^1]}'::text AS text");
        }

        return (targets[0], targets[1]);
    }

    /// <summary>What a restore leaves that is killed before or after it marks its database.</summary>
    private async Task<string> LeaveAsync(DatabaseTarget target, bool isMarked)
    {
        await using var maintenance = await pg.Target.OpenAsync(CancellationToken.None);
        var now = await RetainedDatabases.FreeTimeAsync(maintenance, target.Database, CancellationToken.None);
        var name = RetainedDatabases.RestoringName(target.Database, now);
        var mark = await RetainedDatabases.NewMarkAsync(maintenance, target.Database, MarkKind.Restoring, MarkedBy.Restore, now, CancellationToken.None);
        await DatabaseCreation.CreateAsync(maintenance, name, await SourceReader.PropertiesAsync(maintenance, target.Database, CancellationToken.None), CancellationToken.None, mark);
        if (isMarked)
            await RetainedDatabases.MarkNewAsync(maintenance, name, mark, CancellationToken.None);
        return name;
    }

    private Task<string> CommentAsync(string database) =>
        PgServer.ScalarAsync<string>(pg.Target, $"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = {SqlName.Literal(database)}");

    private Task<uint> OidAsync(string database) => PgServer.ScalarAsync<uint>(pg.Target, $"SELECT oid FROM pg_database WHERE datname = {SqlName.Literal(database)}");

    private static Task<string> WhoseAsync(DatabaseTarget target) => PgServer.ScalarAsync<string>(target, "SELECT text FROM whose");

    private string[] Databases() => PgServer.ScalarAsync<string[]>(pg.Target, "SELECT array_agg(datname::text) FROM pg_database").GetAwaiter().GetResult();

    private static Task<PgBackup> BackupAsync(DatabaseTarget target, TempFolder folder) =>
        new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), new RecordedEvents(), CancellationToken.None);

    private static Task<PgRestore> RestoreAsync(PgBackup backup, DatabaseTarget target, TimeSpan? keepFor = null, RecordedEvents? events = null) =>
        new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target) { KeepFor = keepFor }, events ?? new RecordedEvents(), CancellationToken.None);

    private static Task<PgRestore> UndoAsync(DatabaseTarget target) =>
        new UndoRestore().RunAsync(new UndoRestoreRequest(target), new RecordedEvents(), CancellationToken.None);
}
