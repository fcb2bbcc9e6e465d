using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Databases.Connections;

/// <summary>
/// Checks the mode of a connection pooler (PgBouncer, Supavisor, RDS Proxy). A pooler is detected if the process id of the connection is
/// not the server's. Settings, locks, LISTEN and exported snapshots require an exclusive server session, which is reset before another client
/// gets it. Without proof of that, the pooler is refused.
/// </summary>
internal static partial class PoolerCheck
{
    /// <summary>
    /// Which of two idle connections runs the next query. In session mode each has its own server session; in other modes each transaction gets the session released
    /// last, or the next in turn: runs of one, two and three queries detect that for any number of sessions.
    /// </summary>
    private const string Turns = "ABBABAABBBAAABABBAABABBA";

    private const string Setting = "dbsafety.pooler_check";

    private const int Attempts = 4;

    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(3);

    private static readonly ConcurrentDictionary<(string Host, int Port, string Database, string Username, string? Options), bool> Proven = new();

    private static readonly SemaphoreSlim OneAtATime = new(1);

    /// <summary>Whether the pooler at this address is known to assign each connection its own server session.</summary>
    public static bool IsProven(DatabaseTarget target) => Proven.ContainsKey(Key(target));

    /// <summary>The URL declares a transaction pooler: no connection is opened.</summary>
    /// <exception cref="DbSafetyException"><c>DBS120</c>.</exception>
    public static void RefuseDeclared(DatabaseTarget target)
    {
        if (target.IsPooler)
            throw ErrorCatalogue.TransactionPooler.For(target.Server, "its URL has pgbouncer=true", DirectAddress.Hint(target));
    }

    /// <param name="first">A connection through the pooler, without any settings.</param>
    /// <exception cref="DbSafetyException"><c>DBS120</c>, <c>DBS121</c>, <c>DBS122</c>, <c>DBS123</c>, <c>DBS465</c>.</exception>
    public static async Task ProveAsync(DatabaseTarget target, NpgsqlConnection first, CancellationToken ct)
    {
        await OneAtATime.WaitAsync(ct);
        try
        {
            if (IsProven(target))
                return;
            await WithinWaitLimitAsync(
                target,
                async limit =>
                {
                    // A pooler's database name can be the name of another database on the server, which a rename would affect.
                    if (await first.ScalarAsync<string>("SELECT pg_catalog.current_database()", Again(limit)) is var real && real != target.Database)
                        throw Undecided(target, $"its database {target.Database} is database {real} on the server", null);
                    await ProveSessionsAsync(target, first, limit);
                    await ProveOptionsAsync(target, first, Again(limit));
                },
                ct);
            Proven[Key(target)] = true;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            ct.ThrowIfCancellationRequested();
            throw Refusal(e, target) ?? Undecided(target, (e.InnerException ?? e).Message, e);
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    /// <summary>A pool without a free server session accepts a connection, but its first query waits.</summary>
    /// <param name="work">Gets the time limit, to restart it (<see cref="Again"/>) for each query.</param>
    /// <exception cref="DbSafetyException"><c>DBS121</c>.</exception>
    public static async Task WithinWaitLimitAsync(DatabaseTarget target, Func<CancellationTokenSource, Task> work, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            Again(limit);
            await work(limit);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw Undecided(target, $"no other server connection was available within {WaitLimit.TotalSeconds:0} seconds", e);
        }
    }

    /// <summary>
    /// The PostgreSQL programs that restore pass options at startup, which PgBouncer rejects unless it is configured to ignore them. This is checked before anything is
    /// created or committed. They work without these options too.
    /// </summary>
    /// <exception cref="DbSafetyException"><c>DBS122</c>.</exception>
    public static async Task CheckToolsAsync(DatabaseTarget target, CancellationToken ct)
    {
        if (!Proven.Keys.Any(k => (k.Host, k.Port, k.Username) == (target.Address, target.Port, target.Username)))
            return;
        try
        {
            await using var connection = await OpenAsync(target with { Options = SessionSettings.ToolOptions(target.Options, []) }, ct);
        }
        catch (PostgresException e) when (Refusal(e, target) is { } refusal)
        {
            throw refusal;
        }
        catch (NpgsqlException e)
        {
            throw PgSession.Translate(e, target);
        }
    }

    /// <summary>The error of a pooler that rejects what a server accepts; null: another error.</summary>
    public static DbSafetyException? Refusal(Exception e, DatabaseTarget target) => e switch
    {
        PostgresException p when p.MessageText.Contains("statement pooling mode", StringComparison.OrdinalIgnoreCase) =>
            ErrorCatalogue.TransactionPooler.Because(e, target.Server, p.MessageText, DirectAddress.Hint(target)),
        // PgBouncer, also with "in options"; RDS Proxy.
        PostgresException p when p.MessageText.Contains("unsupported startup parameter", StringComparison.OrdinalIgnoreCase)
            || (p.MessageText.Contains("RDS Proxy", StringComparison.OrdinalIgnoreCase) && p.MessageText.Contains("options", StringComparison.OrdinalIgnoreCase)) =>
            ErrorCatalogue.PoolerOptions.Because(e, target.Server, p.MessageText, DirectAddress.Hint(target)),
        _ => null,
    };

    /// <summary>Whether it is a refusal by this check.</summary>
    public static bool IsRefusal(DbSafetyException e) =>
        e.Definition == ErrorCatalogue.TransactionPooler || e.Definition == ErrorCatalogue.PoolerUnproven || e.Definition == ErrorCatalogue.PoolerOptions || e.Definition == ErrorCatalogue.PoolerKeepsSettings || e.Definition == ErrorCatalogue.PoolerKeepsLocks;

    private static async Task ProveSessionsAsync(DatabaseTarget target, NpgsqlConnection first, CancellationTokenSource limit)
    {
        var second = await OpenAsync(target, limit.Token);
        try
        {
            await ProveApartAsync(target, first, second, limit);
            // No other session can see this setting now, and no program uses this name.
            var mark = Guid.NewGuid().ToString("N");
            // No session waits for this lock either. If the pool does not release it, it stays on a server session of the pool until that ends.
            var key = BitConverter.ToInt64(Guid.NewGuid().ToByteArray());
            var pid = await second.ScalarAsync<int>($"SELECT pg_catalog.pg_backend_pid() FROM pg_catalog.set_config('{Setting}', $1, false), pg_catalog.pg_advisory_lock($2)", Again(limit), mark, key);
            await second.DisposeAsync();
            await ProveResetAsync(target, first, pid, (mark, key), limit);
        }
        finally
        {
            await second.DisposeAsync();
        }
    }

    /// <summary>Reads only.</summary>
    private static async Task ProveApartAsync(DatabaseTarget target, NpgsqlConnection first, NpgsqlConnection second, CancellationTokenSource limit)
    {
        int? firstPid = null, secondPid = null;
        foreach (var turn in Turns)
        {
            var pid = await (turn == 'A' ? first : second).ScalarAsync<int>("SELECT pg_catalog.pg_backend_pid()", Again(limit));
            if (turn == 'A' ? pid != (firstPid ??= pid) : pid != (secondPid ??= pid))
                throw ErrorCatalogue.TransactionPooler.For(target.Server, "the server connection changes between two queries", DirectAddress.Hint(target));
            if (firstPid == secondPid)
                throw ErrorCatalogue.TransactionPooler.For(target.Server, $"two connections share one server session (pid {pid})", DirectAddress.Hint(target));
        }
    }

    /// <summary>The server session of a closed connection has ended, or comes back without its settings and locks (server_reset_query).</summary>
    private static async Task ProveResetAsync(DatabaseTarget target, NpgsqlConnection first, int pid, (string Setting, long Lock) mark, CancellationTokenSource limit)
    {
        var held = new List<NpgsqlConnection>();
        try
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50 << attempt), Again(limit));
                if (!await first.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity WHERE pid = $1)", Again(limit), pid))
                    return;
                var next = await OpenAsync(target, Again(limit));
                held.Add(next);
                var (nextPid, setting, holds) = (await next.ListAsync(
                    $"""
                    SELECT pg_catalog.pg_backend_pid(), pg_catalog.current_setting('{Setting}', true),
                        EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND pid = pg_catalog.pg_backend_pid() AND objsubid = 1 AND (classid::bigint << 32 | objid::bigint) = $1)
                    """, r => (r.GetInt32(0), r.Text(1), r.GetBoolean(2)), Again(limit), mark.Lock)).Single();
                if (setting == mark.Setting || holds)
                {
                    await next.ExecuteAsync($"SELECT pg_catalog.set_config('{Setting}', '', false), CASE WHEN $1 THEN pg_catalog.pg_advisory_unlock($2) END", CancellationToken.None, holds, mark.Lock);
                    throw (setting == mark.Setting ? ErrorCatalogue.PoolerKeepsSettings : ErrorCatalogue.PoolerKeepsLocks).For(target.Server, DirectAddress.Hint(target));
                }

                if (nextPid == pid)
                    return;
            }
        }
        finally
        {
            foreach (var connection in held)
                await connection.DisposeAsync();
        }

        throw Undecided(target, "could not check whether it resets the settings and locks of a closed connection", null);
    }

    /// <summary>A pooler that ignores startup parameters drops the user's settings, such as a search_path.</summary>
    private static async Task ProveOptionsAsync(DatabaseTarget target, NpgsqlConnection first, CancellationToken ct)
    {
        var names = OptionPattern().Matches(target.Options ?? "").Select(m => m.Groups[1].Value.Replace('-', '_').ToLowerInvariant()).Where(n => n != "role").Distinct().ToArray();
        var ignored = await first.ListAsync(
            "SELECT o.name FROM pg_catalog.unnest($1) AS o (name) WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_settings s WHERE pg_catalog.lower(s.name) = o.name AND s.source = 'client')",
            r => r.GetString(0), ct, (object)names);
        if (ignored.Count > 0)
            throw ErrorCatalogue.PoolerOptions.For(target.Server, $"it ignores {string.Join(", ", ignored)} in the connection's options", DirectAddress.Hint(target));
    }

    private static async Task<NpgsqlConnection> OpenAsync(DatabaseTarget target, CancellationToken ct)
    {
        // Npgsql knows the types by now from the first connection: nothing is asked while this one connects.
        var connection = target.NewConnection();
        try
        {
            await connection.OpenAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static CancellationToken Again(CancellationTokenSource limit)
    {
        limit.CancelAfter(WaitLimit);
        return limit.Token;
    }

    private static DbSafetyException Undecided(DatabaseTarget target, string why, Exception? cause) =>
        ErrorCatalogue.PoolerUnproven.Because(cause, target.Server, why, DirectAddress.Hint(target));

    private static (string, int, string, string, string?) Key(DatabaseTarget target) => (target.Address, target.Port, target.Database, target.Username, target.Options);

    [GeneratedRegex(@"(?:-c\s*|--)([A-Za-z_][A-Za-z0-9_.-]*)=")]
    private static partial Regex OptionPattern();
}
