using DbSafety.Backups;
using DbSafety.Backups.Dumps;
using DbSafety.Databases;
using DbSafety.Operations;
using DbSafety.Restores.Replication;
using DbSafety.Tools;

namespace DbSafety.Restores.Filling;

/// <summary>Fills a new database from a plain dump, with psql.</summary>
internal static class ScriptFill
{
    /// <exception cref="Errors.DbSafetyException"><c>DBS112</c>.</exception>
    public static async Task<RestoredSet> RunAsync(PgBackup backup, DatabaseTarget database, int major, bool noOwner, IOperationEvents events, CancellationToken ct)
    {
        var psql = await PgTools.FindAsync("psql", 0, database, ct, preferred: major);
        var (subscriptions, path) = (new List<string>(), ScriptPath.Of(backup, major));
        path.Report(events);
        var (unknown, labels, initial) = (await UnknownAsync(database, ct), new LabelProviders(database, events), new InitialObjects());
        await FeedAsync(psql, database, ScriptFeed.Of(backup, subscriptions, IsLeftOut, path.Start), events, ct);
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
        var restriction = await PsqlRestriction.ForAsync(psql, ct);
        (await ToolProcess.RunAsync(command, (output, token) => output.CopyToAsync(Stream.Null, token), FeedRestrictedAsync, ct)).OrThrow();

        async Task FeedRestrictedAsync(Stream input, CancellationToken token)
        {
            await input.WriteAsync(restriction.Begin, token);
            await feed(input, token);
            await input.WriteAsync(restriction.End, token);
        }
    }

    private static async Task<UnknownSettings> UnknownAsync(DatabaseTarget database, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct, "dbsafety restore");
        return await UnknownSettings.ReadAsync(connection, ct);
    }
}
