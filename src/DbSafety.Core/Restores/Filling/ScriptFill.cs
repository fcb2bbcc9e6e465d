using DbSafety.Backups.Dumps;
using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Operations;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Filling.Scripts;
using DbSafety.Tools;

namespace DbSafety.Restores.Filling;

/// <summary>Fills a new database from a plain dump, with psql.</summary>
internal static class ScriptFill
{
    /// <param name="count">Counts what was restored, before the end of the script; see <see cref="ScriptTail"/>.</param>
    /// <exception cref="Errors.DbSafetyException"><c>DBS112</c>.</exception>
    public static async Task<RestoredSet> RunAsync(PgBackup backup, DatabaseTarget database, int major, bool noOwner, IOperationEvents events, Func<CancellationToken, Task> count, CancellationToken ct)
    {
        var psql = await TargetTools.FindAsync("psql", 0, database, ct, preferred: major);
        var (subscriptions, path) = (new List<string>(), ScriptPath.Of(backup, major));
        path.Report(events);
        var (unknown, labels, initial) = (await UnknownAsync(database, ct), new LabelProviders(database, events), new InitialObjects());
        var tail = new ScriptTail();
        await FeedAsync(psql, database, ScriptFeed.Of(backup, subscriptions, IsLeftOut, path.Start, tail), events, ct);
        await count(ct);
        if (tail.Rest(path.Start) is { Length: > 0 } rest)
            await FeedAsync(psql, database, (input, token) => input.WriteAsync(rest, token).AsTask(), events, ct);
        return new RestoredSet([.. unknown.Notes(major)], DumpedSubscription.Of(subscriptions));

        bool IsLeftOut(string statement) => initial.IsLeftOut(statement) || unknown.AreIn(statement) || path.IsLeftOut(statement) || (noOwner && DumpRoles.AreIn(statement)) || labels.IsLeftOut(statement, ct);
    }

    /// <summary>Up to the first error.</summary>
    /// <exception cref="Errors.DbSafetyException"><c>DBS112</c>.</exception>
    public static async Task FeedAsync(PgTool psql, DatabaseTarget database, Func<Stream, CancellationToken, Task> feed, IOperationEvents events, CancellationToken ct)
    {
        var command = psql.Command(
            ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--no-password", "--dbname=" + database.ToolConnectionName, "--file=-"],
            FillSettings.ToolEnvironment(database));
        events.Debug(command.ToString());
        (await ToolProcess.RunAsync(command, (output, token) => output.CopyToAsync(Stream.Null, token), (input, token) => RestrictedScript.WriteAsync(psql, input, feed, token), ct)).OrThrow();
    }

    private static async Task<UnknownSettings> UnknownAsync(DatabaseTarget database, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct, "dbsafety restore");
        return await UnknownSettings.ReadAsync(connection, ct);
    }
}
