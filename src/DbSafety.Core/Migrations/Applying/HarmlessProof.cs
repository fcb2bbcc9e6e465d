using DbSafety.Analysis;
using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Live;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.TypeChanges;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Proves inside a transaction, immediately before a destructive statement, that there is no data to lose: it locks the objects of the statement, so that every
/// writer has either committed or waits, and counts. The lock is that of the statement, acquired a moment earlier, and is held until the transaction ends.
/// </summary>
/// <param name="observer">In no transaction. It sees rows that are newer than the transaction's own snapshot.</param>
internal sealed class HarmlessProof(NpgsqlConnection connection, NpgsqlConnection observer)
{
    private readonly HashSet<(uint Table, string Mode)> locked = [];
    private readonly HashSet<uint> tables = [];
    private readonly HashSet<(uint Table, short Column)> columns = [];
    /// <summary>All locks were taken before the transaction's snapshot.</summary>
    public bool IsTakenEarly { get; private set; }

    /// <summary>The table is locked and has no rows.</summary>
    public bool Covers(uint table) => tables.Contains(table);

    /// <summary>The column's table is locked, and the column has no values.</summary>
    public bool Covers(uint table, short column) => tables.Contains(table) || columns.Contains((table, column));

    /// <summary>
    /// In REPEATABLE READ and SERIALIZABLE the first query takes the snapshot for all counts: all objects are locked before it. Call this before any query.
    /// LOCK TABLE and SHOW take none.
    /// </summary>
    /// <exception cref="StatementFailedException">No lock within lock_timeout.</exception>
    public async Task LockEarlyAsync(IReadOnlyList<HarmlessClaim> claims, string file, CancellationToken ct)
    {
        if (claims.Count == 0 || await connection.ScalarAsync<string>("SHOW transaction_isolation", ct) is "read committed" or "read uncommitted")
            return;
        foreach (var claim in claims)
        {
            StepPoint.Reach("migrate: harmless statement comes next");
            await LockAllAsync(claim, observer, file, ct);
        }

        IsTakenEarly = true;
    }

    /// <param name="file">The script that is running.</param>
    /// <param name="outcome">The outcome of the transaction if data would be lost.</param>
    /// <exception cref="DbSafetyException"><c>DBS421</c> data would be lost.</exception>
    /// <exception cref="StatementFailedException">No lock within lock_timeout.</exception>
    public async Task ProveAsync(IReadOnlyList<HarmlessClaim> claims, string file, string outcome, CancellationToken ct)
    {
        var losses = new List<MigrationFinding>();
        foreach (var claim in claims)
        {
            StepPoint.Reach("migrate: harmless statement comes next");
            var (reached, isComplete) = await LockAllAsync(claim, connection, file, ct);
            StepPoint.Reach("migrate: harmless statement has its locks");
            if (!await claim.IsStillMeantAsync(connection, ct))
            {
                losses.Add(claim.Destructive with { Message = $"{claim.Destructive.Message}: when the statement runs, the name refers to an object other than the one found in the live database, so no rows were counted" });
                continue;
            }

            var answer = isComplete ? await HarmlessCount.InSavepointAsync(connection, claim, reached, ct) : new LiveAnswer(true, null);
            if (answer.Count > 0 && await HarmlessCount.IsOwnAsync(observer, claim, ct))
                answer = new LiveAnswer(true, 0);
            if (LiveJudgement.Judge(claim.Destructive, answer) is { Severity: FindingSeverity.Destructive } loss)
                losses.Add(loss);
            else
                await AddAsync(claim, reached, ct);
        }

        if (losses.Count > 0)
            throw Refusal(connection.Database, losses, outcome);
    }

    /// <summary>Saves rows that statements of allowed losses would delete and that are not in the backup. The locks are those of the statements, acquired a moment earlier, and block writes.</summary>
    /// <param name="place">The statement, for messages.</param>
    /// <exception cref="DbSafetyException"><c>DBS437</c>.</exception>
    /// <exception cref="StatementFailedException">No lock within lock_timeout.</exception>
    /// <exception cref="PostgresException">The same, for a look.</exception>
    public async Task SaveAsync(IReadOnlyList<HarmlessClaim> allowed, RowsSinceBackup since, ApplySettings limits, string file, string place, CancellationToken ct)
    {
        var reached = new Dictionary<uint, LiveTable>();
        foreach (var claim in allowed)
        {
            StepPoint.Reach("migrate: allowed loss comes next");
            await since.SaveChangedAsync(connection, observer, (await HarmlessCount.ReachedAsync(connection, claim, ct)).Select(t => t.Oid), limits, place, ct);
            foreach (var table in (await LockAllAsync(claim, connection, file, ct)).Reached)
                reached[table.Oid] = table;
        }

        await since.SaveLockedAsync(connection, reached.Values, place, ct);
    }

    /// <summary>
    /// The same before a statement whose lock blocks reads of a table for which another statement has an allowed loss: after it, no other session could read the rows that this transaction has changed.
    /// </summary>
    /// <param name="tables">Those of allowed losses.</param>
    /// <inheritdoc cref="SaveAsync"/>
    public async Task SaveBeforeAsync(SqlStatement statement, IReadOnlyList<HarmlessClaim> allowed, IReadOnlySet<uint> tables, RowsSinceBackup since, ApplySettings limits, string file, string place, CancellationToken ct)
    {
        var names = EffectReader.Read(CommandParser.Parse(statement, null)).SelectMany(e => e.Locks)
            .Where(l => l is { StopsReaders: true, Reach: LockReach.Itself or LockReach.Children }).Select(l => l.Table.Sql).Distinct(StringComparer.Ordinal).ToArray();
        if (names.Length == 0)
            return;
        foreach (var oid in await connection.ListAsync("SELECT DISTINCT pg_catalog.to_regclass(n)::oid FROM pg_catalog.unnest($1) n WHERE pg_catalog.to_regclass(n) IS NOT NULL", r => r.GetFieldValue<uint>(0), ct, (object)names))
        {
            if (!tables.Contains(oid) || await TableReach.FindAsync(connection, oid, ct) is not { } table)
                continue;
            var reached = await TableReach.ReachedAsync(connection, table, LiveReach.Children, ct);
            await since.SaveChangedAsync(connection, observer, reached.Select(t => t.Oid), limits, place, ct);
            foreach (var one in reached.Where(t => !locked.Contains((t.Oid, HarmlessClaim.Strongest))))
                await LockAsync(one, allowed[0], HarmlessClaim.Strongest, file, ct);
            await since.SaveLockedAsync(connection, reached, place, ct);
        }
    }

    public static DbSafetyException Refusal(string database, IReadOnlyList<MigrationFinding> losses, string outcome) =>
        ErrorCatalogue.CountChanged.For(database, string.Join("; ", losses.Select(Text)), outcome, Advice.Allow(losses.Select(f => f.AllowAs)));

    private static string Text(MigrationFinding finding) => finding.Line == 0 ? finding.Message : $"{finding.File} line {finding.Line} {finding.Message}";

    /// <summary>Partitions and children may come to it until all of them are locked.</summary>
    /// <param name="reader">The session that looks up the affected tables.</param>
    private async Task<(List<LiveTable> Reached, bool IsComplete)> LockAllAsync(HarmlessClaim claim, NpgsqlConnection reader, string file, CancellationToken ct)
    {
        while (true)
        {
            var reached = await HarmlessCount.ReachedAsync(reader, claim, ct);
            var open = reached.Where(t => !locked.Contains((t.Oid, claim.LockMode)) && !locked.Contains((t.Oid, HarmlessClaim.Strongest))).ToList();
            // After the snapshot, a lock is too late.
            if (open.Count == 0 || IsTakenEarly)
                return (reached, open.Count == 0);
            foreach (var table in open)
                await LockAsync(table, claim, claim.LockMode, file, ct);
        }
    }

    private async Task LockAsync(LiveTable table, HarmlessClaim claim, string mode, string file, CancellationToken ct)
    {
        // LOCK TABLE does not support materialized views. ALTER … OWNER TO the current owner changes nothing, and acquires the same lock as DROP.
        var sql = table.Kind != 'm' ? $"LOCK TABLE ONLY {table.Sql} IN {mode} MODE"
            : $"ALTER MATERIALIZED VIEW {table.Sql} OWNER TO {SqlName.Quote((await observer.ScalarAsync<string>("SELECT pg_catalog.pg_get_userbyid(relowner) FROM pg_catalog.pg_class WHERE oid = $1::oid", ct, (long)table.Oid))!)}";
        try
        {
            await connection.ExecuteAsync(sql, ct);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
        {
            throw new StatementFailedException(new MigrationError(file, claim.Finding.Line, sql, e.SqlState, e.MessageText, e.Detail, e.Hint), e);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            if (claim.IsAllowed)
                throw RowsSinceBackup.Unsaved(e, connection.Database, e.MessageText, file);
            throw Refusal(connection.Database, [LiveJudgement.Judge(claim.Destructive, new LiveAnswer(true, null))], $"The table cannot be locked to count its rows again: {e.MessageText}. All changes of {file} were rolled back.");
        }

        locked.Add((table.Oid, mode));
    }

    private async Task AddAsync(HarmlessClaim claim, List<LiveTable> reached, CancellationToken ct)
    {
        switch (claim.Question.Kind)
        {
            case LiveFactKind.Rows or LiveFactKind.SchemaRows:
                tables.UnionWith(reached.Select(t => t.Oid));
                break;
            case LiveFactKind.Values:
                // A child has the column under a number of its own.
                columns.UnionWith(await connection.ListAsync(
                    """
                    SELECT a.attrelid, a.attnum FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_attribute named ON named.attrelid = $1::oid AND named.attnum = $2 AND a.attname = named.attname
                    WHERE a.attrelid = ANY ($3::oid[]) AND NOT a.attisdropped
                    """,
                    r => (r.GetFieldValue<uint>(0), r.GetInt16(1)), ct, (long)claim.Oid, claim.Column, reached.Select(t => (long)t.Oid).ToArray()));
                break;
        }
    }
}
