using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Integration.Tests.Rounds.Interleaving;

/// <summary>
/// A transaction of another session. Its change is in the model from the moment its commit is answered; the claims on what it changes are given up
/// when it begins and taken up again where it is refused for certain.
/// </summary>
internal sealed class OtherSession(World world, Model model, Change change) : IAsyncDisposable
{
    private NpgsqlConnection? connection;
    private IReadOnlyList<Claim> released = [];

    /// <summary>The server process; 0: not connected yet.</summary>
    public int ProcessId => connection is { State: not System.Data.ConnectionState.Closed } open ? open.ProcessID : 0;

    /// <summary>Begins and runs the statements. False where they were refused.</summary>
    public async Task<bool> BeginAsync()
    {
        try
        {
            connection = await world.Live.OpenAsync(CancellationToken.None, "app");
            released = model.Release(change.Changes);
            await connection.ExecuteAsync("SET lock_timeout = '60s'; BEGIN", CancellationToken.None);
            await connection.ExecuteAsync(change.Sql, CancellationToken.None);
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException)
        {
            model.Add(released);
            return false;
        }
    }

    public async Task CommitAsync(string commit = "COMMIT")
    {
        try
        {
            await connection!.ExecuteAsync(commit, CancellationToken.None);
            model.Add(change.Adds);
        }
        catch (PostgresException e) when (e.SqlState is not (PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown))
        {
            model.Add(released);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            // How it ended is not known: nobody was told that it is committed, and nobody may count on what it replaced.
        }
    }

    /// <summary>From here on it belongs to no session.</summary>
    public async Task PrepareAsync(string gid)
    {
        try
        {
            await connection!.ExecuteAsync($"PREPARE TRANSACTION {SqlName.Literal(gid)}", CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // Ended in the meantime: nothing is prepared.
        }

        await connection!.DisposeAsync();
    }

    /// <summary>In its database, wherever that is by now.</summary>
    public async Task CommitPreparedAsync(string gid)
    {
        var database = await PgServer.ScalarAsync<string>(world.Admin, $"SELECT coalesce((SELECT database::text FROM pg_prepared_xacts WHERE gid = {SqlName.Literal(gid)}), '')");
        if (database.Length == 0)
            return;
        connection = await world.Live.On(database).OpenAsync(CancellationToken.None, "app");
        await CommitAsync($"COMMIT PREPARED {SqlName.Literal(gid)}");
    }

    public async Task RollBackAsync()
    {
        try
        {
            await connection!.ExecuteAsync("ROLLBACK", CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            // Rolled back by the server.
        }

        model.Add(released);
    }

    public async ValueTask DisposeAsync()
    {
        if (connection is not null)
            await connection.DisposeAsync();
    }
}

/// <summary>What a transaction does.</summary>
/// <param name="Changes">The rows that are changed or deleted.</param>
/// <param name="Adds">What is claimed once it is committed.</param>
internal sealed record Change(string Sql, Func<RowClaim, bool> Changes, params Claim[] Adds)
{
    public static Func<RowClaim, bool> None => _ => false;

    public static Claim Row(string table, string key, params (string Column, string Value)[] values) =>
        new RowClaim(table, key, values.ToDictionary(v => v.Column, v => v.Value, StringComparer.Ordinal));
}
