using System.Security.Cryptography;
using System.Text;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Restores.Replication;
using Npgsql;

namespace DbSafety.Restores.Swaps;

/// <summary>A database that a swap retained, or that a run is creating.</summary>
internal sealed record RetainedDatabase(string Name, long Bytes)
{
    /// <summary>The time in its name, in UTC: the order of the swaps.</summary>
    public DateTimeOffset KeptAt { get; init; }

    /// <summary>Since when it is retained, in UTC, by the server's clock.</summary>
    public DateTimeOffset RetainedAt => Mark?.RetainedAt ?? KeptAt;

    /// <summary>
    /// The live database took its place, or the place of a database that did and is retained too. If not, the live database was created again, or a retained database
    /// in between was dropped: this one can be the only copy of its rows.
    /// </summary>
    public bool PrecedesLive { get; init; }

    public uint Oid { get; init; }

    public MarkKind Kind { get; init; }

    /// <summary>
    /// What it is; null if an earlier version retained it, and only its name shows it. Such a database is never dropped: it could be the user's own.
    /// </summary>
    public DatabaseMark? Mark { get; init; }
}

/// <summary>The purpose of a swap: how the database that it retains is marked.</summary>
/// <param name="Kind"><see cref="MarkKind.Before"/> or <see cref="MarkKind.Undone"/>.</param>
internal sealed record SwapPurpose(MarkKind Kind, MarkedBy By, DateTimeOffset At)
{
    /// <summary>Logical replication slots can stay with the retained database.</summary>
    public bool AllowSlotLoss { get; init; }

    /// <summary>The retained database that an undo has chosen: it must still have its mark. Null: a restored database.</summary>
    public RetainedDatabase? Chosen { get; init; }
}

/// <summary>Finds and marks retained and temporary databases. The mark, never a part of the name, determines the database to which one belongs.</summary>
internal static class RetainedDatabases
{
    private const string Candidates = """
        SELECT d.datname::text, d.oid, pg_catalog.shobj_description(d.oid, 'pg_database'), d.datconnlimit FROM pg_catalog.pg_database d
        WHERE d.datname ~ '_(before|undone|restoring|rehearsal)_\d{8}T\d{6}Z$' OR pg_catalog.shobj_description(d.oid, 'pg_database') LIKE '%dbsafety: {%'
        """;

    public static string BeforeName(string database, DateTimeOffset now) => RetainedNames.Of(database, MarkKind.Before, now);

    public static string UndoneName(string database, DateTimeOffset now) => RetainedNames.Of(database, MarkKind.Undone, now);

    public static string RestoringName(string database, DateTimeOffset now) => RetainedNames.Of(database, MarkKind.Restoring, now);

    /// <summary>A rehearsal's copy of the database on its own server.</summary>
    public static string RehearsalName(string database, DateTimeOffset now) => RetainedNames.Of(database, MarkKind.Rehearsal, now);

    /// <summary>The server's time, or the next second for which none of the names above is in use.</summary>
    public static async Task<DateTimeOffset> FreeTimeAsync(NpgsqlConnection maintenance, string database, CancellationToken ct)
    {
        // A time that only a name shows can be any time.
        var retained = (await FindRetainedAsync(maintenance, database, ct)).Where(k => k.Mark is not null);
        // By the server's clock: databases are dropped by their age, and this machine's clock may be wrong.
        var clock = await ClockAsync(maintenance, ct);
        for (var now = UndoChoice.Time(clock, retained); ; now = now.AddSeconds(1))
        {
            var taken = await maintenance.ScalarAsync<bool>(
                "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_database WHERE datname = ANY($1))",
                ct,
                (object)RetainedNames.All(database, now));
            if (!taken)
                return now;
        }
    }

    /// <summary>
    /// Marks the database that a swap retains and removes the marks of the database that becomes <paramref name="current"/>. Called inside the swap's
    /// transaction, after both renames: their locks prevent other sessions from changing the comments, and the marks commit or roll back with the names.
    /// </summary>
    /// <exception cref="DbSafetyException">
    /// <c>DBS341</c> the database now has logical slots, and that was not accepted. <c>DBS305</c> the retained database that was chosen has lost its mark.
    /// </exception>
    public static async Task MarkSwapAsync(NpgsqlConnection swap, string current, string kept, SwapPurpose purpose, CancellationToken ct)
    {
        await LiveSlots.CheckAsync(swap, current, kept, purpose.AllowSlotLoss, ct);
        var (aside, next) = (await ReadAsync(swap, kept, ct), await ReadAsync(swap, current, ct));
        if (purpose.Chosen?.Mark is { } chosen && !chosen.IsSame(DatabaseMark.Read(next.Comment)))
            throw ErrorCatalogue.SwapBlocked.For(current, $"another session changed the comment of {purpose.Chosen.Name}, which has the mark of DbSafety");
        var mark = new DatabaseMark { Kind = purpose.Kind, Of = current, Oid = aside.Oid, Other = next.Oid, By = purpose.By, At = purpose.At, SwappedAt = await ClockAsync(swap, ct) };
        await CommentAsync(swap, kept, mark.AddTo(aside.Comment), ct);
        await CommentAsync(swap, current, DatabaseMark.Without(next.Comment), ct);
    }

    /// <summary><see cref="MarkSwapAsync"/> for <see cref="SwapRequest.BeforeCommit"/>.</summary>
    public static Func<NpgsqlConnection, CancellationToken, Task> Marking(string current, string kept, SwapPurpose purpose) =>
        (swap, token) => MarkSwapAsync(swap, current, kept, purpose, token);

    /// <summary>Removes the mark of a database that is renamed without a swap, in the transaction that renames it.</summary>
    public static async Task UnmarkAsync(NpgsqlConnection connection, string database, CancellationToken ct) =>
        await CommentAsync(connection, database, DatabaseMark.Without((await ReadAsync(connection, database, ct)).Comment), ct);

    /// <summary>The mark for a temporary database of this one, which is yet to be created.</summary>
    public static async Task<DatabaseMark> NewMarkAsync(NpgsqlConnection maintenance, string database, MarkKind kind, MarkedBy by, DateTimeOffset at, CancellationToken ct)
    {
        var live = await maintenance.ListAsync("SELECT oid FROM pg_catalog.pg_database WHERE datname = $1", r => r.GetFieldValue<uint>(0), ct, database);
        return new DatabaseMark { Kind = kind, Of = database, Oid = 0, Other = live is [var oid] ? oid : null, By = by, At = at };
    }

    /// <summary>Writes a mark in the comment of a database, with that database's OID.</summary>
    public static async Task MarkNewAsync(NpgsqlConnection maintenance, string created, DatabaseMark mark, CancellationToken ct)
    {
        var found = await ReadAsync(maintenance, created, ct);
        await CommentAsync(maintenance, created, (mark with { Oid = found.Oid }).AddTo(found.Comment), ct);
    }

    /// <summary>Sets the user's comment and leaves a mark as it is.</summary>
    public static async Task SetCommentAsync(NpgsqlConnection connection, string database, string? comment, CancellationToken ct)
    {
        var mark = DatabaseMark.Read((await ReadAsync(connection, database, ct)).Comment);
        await CommentAsync(connection, database, mark is null ? comment : mark.AddTo(comment), ct);
    }

    /// <summary>
    /// The connection limit that a temporary database is created with. CREATE DATABASE cannot be in a transaction with the mark: where a run is
    /// killed between the two, this number distinguishes its database from a database of the user.
    /// </summary>
    public static int CreationLimit(string database, MarkKind kind) =>
        (BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes($"{kind} {database}"))) & 0x3FFFFFFF) | 0x40000000;

    /// <summary>Databases that swaps of this one retained and that an undo can swap in, the newest first.</summary>
    public static async Task<IReadOnlyList<RetainedDatabase>> FindAsync(NpgsqlConnection maintenance, string database, CancellationToken ct) =>
        (await InventoryAsync(maintenance, database, ct)).Of(MarkKind.Before);

    /// <summary>Databases that restores and undos of this one retained, of both kinds, the newest first.</summary>
    public static async Task<IReadOnlyList<RetainedDatabase>> FindRetainedAsync(NpgsqlConnection maintenance, string database, CancellationToken ct) =>
        (await InventoryAsync(maintenance, database, ct)).Of(MarkKind.Before, MarkKind.Undone);

    /// <summary>Since when a database is retained, by its mark.</summary>
    public static async Task<DateTimeOffset> RetainedAtAsync(NpgsqlConnection maintenance, string retained, CancellationToken ct) =>
        DatabaseMark.Read((await ReadAsync(maintenance, retained, ct)).Comment)!.RetainedAt;

    /// <summary>All databases that are retained or were being created for a database, and those that are uncertain.</summary>
    public static async Task<RetainedInventory> InventoryAsync(NpgsqlConnection maintenance, string database, CancellationToken ct)
    {
        var found = await maintenance.ListAsync(
            Candidates, r => new RetainedCandidate(r.GetString(0), r.GetFieldValue<uint>(1), DatabaseMark.Read(r.Text(2)), r.GetInt32(3)), ct);
        var oids = await maintenance.ListAsync("SELECT datname::text, oid FROM pg_catalog.pg_database", r => (Name: r.GetString(0), Oid: r.GetFieldValue<uint>(1)), ct);
        var inventory = RetainedInventory.Sort(database, found, oids.FirstOrDefault(o => o.Name == database).Oid, oids.Select(o => o.Oid).ToHashSet());
        var sizes = await maintenance.ListAsync(
            "SELECT d.oid, pg_catalog.pg_database_size(d.oid) FROM pg_catalog.pg_database d WHERE d.oid::bigint = ANY($1) AND pg_catalog.has_database_privilege(d.oid, 'CONNECT')",
            r => (Oid: r.GetFieldValue<uint>(0), Bytes: r.IsDBNull(1) ? 0 : r.GetInt64(1)),
            ct,
            (object)inventory.All.Select(k => (long)k.Oid).ToArray());
        return inventory with { All = [.. inventory.All.Select(k => k with { Bytes = sizes.FirstOrDefault(s => s.Oid == k.Oid).Bytes })] };
    }

    /// <summary>The server's time, in UTC.</summary>
    public static async Task<DateTimeOffset> ClockAsync(NpgsqlConnection connection, CancellationToken ct) =>
        new(await connection.ScalarAsync<DateTime>("SELECT pg_catalog.clock_timestamp()", ct), TimeSpan.Zero);

    private static async Task<(uint Oid, string? Comment)> ReadAsync(NpgsqlConnection connection, string database, CancellationToken ct) => (await connection.ListAsync(
        "SELECT oid, pg_catalog.shobj_description(oid, 'pg_database') FROM pg_catalog.pg_database WHERE datname = $1",
        r => (r.GetFieldValue<uint>(0), r.Text(1)),
        ct,
        database)).Single();

    private static Task<int> CommentAsync(NpgsqlConnection connection, string database, string? comment, CancellationToken ct) =>
        connection.ExecuteAsync($"COMMENT ON DATABASE {SqlName.Quote(database)} IS {(comment is null ? "NULL" : SqlName.Literal(comment))}", ct);
}
