using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>Runs the statements of a script one after another, and reports the progress.</summary>
/// <param name="total">The script's statements.</param>
internal sealed class StatementRunner(ScriptSession session, MigrationFile migration, int total)
{
    private readonly NpgsqlConnection connection = session.Connection;

    /// <summary>The number of statements that are sent in one batch: most take less time than a round trip.</summary>
    private const int MostAhead = 50;

    private const int MostCharactersAhead = 100_000;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Begins a transaction that has statements which must come before its first query.</summary>
    /// <returns>The SQL that must still be sent: <paramref name="begin"/>, if there are no such statements.</returns>
    public async Task<string> BeginAsync(string begin, IReadOnlyList<SqlStatement> preamble, CancellationToken ct)
    {
        if (preamble.Count == 0)
            return begin;
        await connection.ExecuteAsync(begin, ct);
        await RunAsync(preamble, 1, ct, holdsLimits: false);
        return "";
    }

    /// <summary>Inside a transaction: PostgreSQL runs them one after another, and none after a failed one.</summary>
    /// <param name="number">The first one's place in the script, from 1.</param>
    /// <param name="holdsLimits">Not where nothing may take a snapshot yet.</param>
    public async Task RunAsync(IReadOnlyList<SqlStatement> statements, int number, CancellationToken ct, bool holdsLimits = true)
    {
        for (var done = 0; done < statements.Count;)
        {
            var ahead = Ahead(statements, done);
            if (ahead.Count > 1)
                await TogetherAsync(ahead, number + done, holdsLimits, ct);
            else
                await RunAsync(statements[done], number + done, ct);
            if (ahead.Count <= 1 && holdsLimits && MaySetLimits(statements[done]))
                await session.HoldLimitsAsync(migration, local: true, ct);
            done += Math.Max(1, ahead.Count);
        }
    }

    /// <param name="number">1-based place in the script.</param>
    public async Task RunAsync(SqlStatement statement, int number, CancellationToken ct)
    {
        TellProgress(statement, number);
        if (statement.IsPsqlCommand)
            throw new StatementFailedException(new MigrationError(migration.RelativePath, statement.Line, statement.Excerpt, "42601", "this line is a psql meta-command, not SQL", null, null), null);
        try
        {
            if (statement.CopyData is { } rows)
                await CopyAsync(statement, rows, ct);
            else
                await connection.ExecuteAsync(Sendable(statement), ct);
        }
        catch (PostgresException e) when (PgSession.IsOfTheStatement(e))
        {
            throw Failure(e, statement, ct);
        }
    }

    /// <summary>The following statements that can be sent without waiting for an answer.</summary>
    private static List<SqlStatement> Ahead(IReadOnlyList<SqlStatement> statements, int start)
    {
        var (ahead, characters) = (new List<SqlStatement>(), 0);
        for (var i = start; i < statements.Count && ahead.Count < MostAhead && characters < MostCharactersAhead; i++)
        {
            if (statements[i].IsPsqlCommand || statements[i].CopyData is not null)
                break;
            ahead.Add(statements[i]);
            characters += statements[i].Text.Length;
        }

        return ahead;
    }

    private async Task TogetherAsync(List<SqlStatement> statements, int number, bool holdsLimits, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection);
        var (commands, holds) = (statements.ConvertAll(s => new NpgsqlBatchCommand(Sendable(s))), new List<NpgsqlBatchCommand>());
        for (var i = 0; i < commands.Count; i++)
        {
            batch.BatchCommands.Add(commands[i]);
            if (!holdsLimits || !MaySetLimits(statements[i]))
                continue;
            holds.Add(new NpgsqlBatchCommand(session.Settings.HoldLocksSql(local: true)));
            batch.BatchCommands.Add(holds[^1]);
            batch.BatchCommands.Add(new NpgsqlBatchCommand(session.Settings.HoldIdleSql(local: true)));
        }

        try
        {
            await WatchedAsync(statements, batch.ExecuteNonQueryAsync(ct), number);
        }
        catch (PostgresException e) when (PgSession.IsOfTheStatement(e))
        {
            throw Failure(e, statements[Math.Min(Through(commands), statements.Count - 1)], ct);
        }
        finally
        {
            if (holds.Exists(h => h.Rows > 0))
                session.TellLockTimeout(migration);
        }
    }

    /// <summary>Statements that can change lock_timeout: commands for settings, or statements that call functions.</summary>
    private static bool MaySetLimits(SqlStatement s) =>
        (s.StartsWith("set") && !ScriptPlan.IsTransactionSetting(s)) || s.StartsWith("reset") || s.StartsWith("discard") || s.StartsWith("do") || s.StartsWith("call")
        || s.StartsWith("select") || s.StartsWith("with") || s.StartsWith("execute") || s.Contains("set_config");

    /// <summary>A command's type is known after PostgreSQL has reported its completion.</summary>
    private static int Through(List<NpgsqlBatchCommand> commands) => commands.TakeWhile(c => c.StatementType != StatementType.Unknown).Count();

    /// <summary>Their results come all at once; which one is running is seen from the other session.</summary>
    private async Task WatchedAsync(List<SqlStatement> statements, Task running, int number)
    {
        TellProgress(statements[0], number);
        for (var reported = 0; await Task.WhenAny(running, Task.Delay(ProgressInterval)) != running;)
        {
            if (session.Watcher.Running is { Length: > 0 } query && statements.FindIndex(reported + 1, s => Sendable(s).StartsWith(query, StringComparison.Ordinal)) is > 0 and var at)
                TellProgress(statements[reported = at], number + at);
        }

        await running;
    }

    private void TellProgress(SqlStatement statement, int number) =>
        session.Events.Progress($"Migrating {connection.Database}", $"{migration.Name}: statement {number} of {total}: {statement.Excerpt}", (number - 1.0) / total);

    private StatementFailedException Failure(PostgresException e, SqlStatement statement, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return new StatementFailedException(MigrationError.From(e, migration.RelativePath, statement), e);
    }

    /// <summary>Npgsql would split a body between BEGIN ATOMIC and END at its semicolons, but not inside a literal.</summary>
    private static string Sendable(SqlStatement statement) =>
        statement.Contains("atomic") && statement.Tokens.Any(t => t.IsMark(';')) ? "DO " + SqlName.Literal($"BEGIN EXECUTE {SqlName.Literal(statement.Text)}; END") : statement.Text;

    private async Task CopyAsync(SqlStatement statement, string rows, CancellationToken ct)
    {
        await using var writer = await connection.BeginTextImportAsync(statement.Text, ct);
        await writer.WriteAsync(rows.AsMemory(), ct);
    }
}
