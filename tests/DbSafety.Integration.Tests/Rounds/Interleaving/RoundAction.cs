namespace DbSafety.Integration.Tests.Rounds.Interleaving;

/// <summary>Something that another session does while the operation stands at a point.</summary>
/// <param name="Disrupts">It takes the operation's connections, locks or tables away: the operation may then fail as something that it needs is missing.</param>
/// <param name="Run">It returns when it is done, or waits for a lock that the operation holds.</param>
internal sealed record RoundAction(string Name, bool Disrupts, Func<Others, Task> Run)
{
    /// <summary>Begins the keys of rows that are committed to the table of which a migration is allowed to delete rows.</summary>
    public const string DoomedKey = "d-new-";

    private const string OldKey = "old-100";

    public static IReadOnlyList<RoundAction> All { get; } =
    [
        new("commits an INSERT", false, o => o.CommitAsync(Insert())),
        new("commits an INSERT into the empty table", false, o => o.CommitAsync(IntoTheEmptyTable())),
        new("commits an UPDATE", false, o => o.CommitAsync(Update("value"))),
        new("commits an UPDATE of the column without values", false, o => o.CommitAsync(Update("unused"))),
        new("commits DELETE and INSERT", false, o => o.CommitAsync(DeleteAndInsert())),
        new("commits a DELETE", false, o => o.CommitAsync(new Change($"DELETE FROM notes WHERE key = '{OldKey}'", IsOld))),
        new("holds an INSERT open and commits it at the next point", false, o => o.HoldAsync(Insert(), untilNext: true)),
        new("holds an INSERT open and commits it at the end", false, o => o.HoldAsync(Insert(), untilNext: false)),
        new("holds an INSERT into the empty table open and commits it at the next point", false, o => o.HoldAsync(IntoTheEmptyTable(), untilNext: true)),
        new("holds an INSERT into the empty table open and commits it at the end", false, o => o.HoldAsync(IntoTheEmptyTable(), untilNext: false)),
        new("commits an INSERT into the table that loses rows", false, o => o.CommitAsync(IntoTheDoomedTable())),
        new("holds an INSERT into the table that loses rows open and commits it at the next point", false, o => o.HoldAsync(IntoTheDoomedTable(), untilNext: true)),
        new("holds an UPDATE of the column without values open and commits it at the next point", false, o => o.HoldAsync(Update("unused"), untilNext: true)),
        new("holds DELETE and INSERT open and commits them at the next point", false, o => o.HoldAsync(DeleteAndInsert(), untilNext: true)),
        new("holds an INSERT open and rolls it back", false, o => o.HoldAsync(Insert(), untilNext: false, rollBack: true)),
        new("commits a prepared transaction at the end", true, o => o.PrepareAsync(Insert())),
        new("adds a column and a row with it", true, o => o.CommitAsync(AddColumn())),
        new("adds a column and commits at the next point", true, o => o.HoldAsync(AddColumn(), untilNext: true)),
        new("creates a table with rows", true, o => o.CommitAsync(CreateTable())),
        new("creates a table with rows and commits at the next point", true, o => o.HoldAsync(CreateTable(), untilNext: true)),
        new("drops a table", true, o => o.CommitAsync(new Change("DROP TABLE bystander", r => r.Table == "bystander"))),
        new("truncates a table", true, o => o.CommitAsync(new Change("TRUNCATE items", r => r.Table == "items"))),
        new("holds an ACCESS EXCLUSIVE lock until the next point", true, o => o.HoldAsync(new Change("LOCK TABLE notes IN ACCESS EXCLUSIVE MODE", Change.None), untilNext: true)),
        new("stays connected as a superuser", false, o => o.StayAsync()),
        new("runs another tool's migrate", true, OtherTool),
        new("creates a large object", false, o => LargeObjectAsync(o)),
        new("takes a sequence's value", false, o => SequenceAsync(o)),
        new("terminates a session of ours", true, o => o.TerminateOursAsync(all: false)),
        new("terminates all sessions of ours", true, o => o.TerminateOursAsync(all: true)),
        new("crashes the server", true, o => o.World.CrashAsync()),
        new("fills the disk of the backups", true, o => o.FillDiskAsync()),
        new("runs the same operation a second time", true, o => o.SecondRunAsync()),
    ];

    public override string ToString() => Name;

    private static bool IsOld(RowClaim row) => row is { Table: "notes", Key: OldKey };

    private static Change Insert()
    {
        var key = Key();
        return new Change($"INSERT INTO notes (key, value) VALUES ('{key}', 'new')", Change.None, Change.Row("notes", key, ("value", "new")));
    }

    private static Change IntoTheEmptyTable()
    {
        var key = Key();
        return new Change($"INSERT INTO nothing VALUES ('{key}', 'new')", Change.None, Change.Row("nothing", key, ("value", "new")));
    }

    private static Change IntoTheDoomedTable()
    {
        var key = DoomedKey + Guid.NewGuid().ToString("N")[..12];
        return new Change($"INSERT INTO doomed VALUES ('{key}', 'new')", Change.None, Change.Row("doomed", key, ("value", "new")));
    }

    private static Change Update(string column) => new($"UPDATE notes SET {column} = 'new' WHERE key = '{OldKey}'", IsOld, Change.Row("notes", OldKey, (column, "new")));

    private static Change DeleteAndInsert()
    {
        var key = Key();
        return new Change($"DELETE FROM notes WHERE key = '{OldKey}'; INSERT INTO notes (key, value) VALUES ('{key}', 'new')", IsOld, Change.Row("notes", key, ("value", "new")));
    }

    private static Change AddColumn()
    {
        var key = Key();
        return new Change($"ALTER TABLE notes ADD COLUMN extra text; INSERT INTO notes (key, value, extra) VALUES ('{key}', 'new', 'e')", Change.None, Change.Row("notes", key, ("value", "new"), ("extra", "e")));
    }

    private static Change CreateTable() =>
        new("CREATE TABLE made (key text PRIMARY KEY, value text); INSERT INTO made VALUES ('m-1', 'new')", Change.None, Change.Row("made", "m-1", ("value", "new")));

    private static Task OtherTool(Others others) => others.CommitAsync(others.Operation.HasOtherTool
        ? new Change(RoundOperation.OtherToolsSql(others.World), _ => false, Change.Row("ran", "m1", ("value", "x")))
        : Insert());

    private static Task LargeObjectAsync(Others others)
    {
        var oid = (uint)others.Random.Next(100_000, 1_000_000_000);
        return others.CommitAsync(new Change($"SELECT lo_from_bytea({oid}, '\\x0102ff')", Change.None, new LargeObjectClaim(oid, "0102ff")));
    }

    private static Task SequenceAsync(Others others)
    {
        var value = others.Random.Next(1000, 2000);
        return others.CommitAsync(new Change($"SELECT setval('numbers', {value})", Change.None, new SequenceClaim("numbers", value)));
    }

    private static string Key() => "new-" + Guid.NewGuid().ToString("N")[..12];
}
