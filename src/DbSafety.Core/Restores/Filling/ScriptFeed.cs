using DbSafety.Backups;
using DbSafety.Backups.Dumps;

namespace DbSafety.Restores.Filling;

/// <summary>Feeds a plain dump to psql, without what a psql may not know or must not do; see <see cref="PlainFeed"/>.</summary>
internal static class ScriptFeed
{
    /// <param name="subscriptions">Gets the statements about subscriptions, which are not fed then; null: they are fed as all others.</param>
    /// <param name="path">Null: the script sets its own.</param>
    public static Func<Stream, CancellationToken, Task> Of(PgBackup backup, ICollection<string>? subscriptions = null, ScriptPath? path = null) =>
        (input, token) => Task.Run(() => Run(backup, input, subscriptions, path, token), token);

    private static void Run(PgBackup backup, Stream input, ICollection<string>? subscriptions, ScriptPath? path, CancellationToken ct)
    {
        using var source = PayloadStream.Open(backup);
        // The input itself is closed by the one who opened it.
        var buffered = new BufferedStream(input, 256 * 1024);
        buffered.Write(path?.Start ?? []);
        PlainDump.Read(source, ct, new PlainFeed(buffered, backup.Foreign?.Section ?? "", subscriptions, path is null ? null : path.IsLeftOut));
        buffered.Flush();
    }

    /// <summary>A script of pg_restore's, with another search_path than its own.</summary>
    public static void Run(Stream script, Stream input, ScriptPath path, CancellationToken ct)
    {
        var buffered = new BufferedStream(input, 256 * 1024);
        buffered.Write(path.Start);
        PlainDump.Read(script, ct, new PlainFeed(buffered, "", null, path.IsLeftOut));
        buffered.Flush();
    }
}
