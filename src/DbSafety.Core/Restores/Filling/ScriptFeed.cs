using DbSafety.Backups;
using DbSafety.Backups.Dumps;

namespace DbSafety.Restores.Filling;

/// <summary>Feeds a plain dump to psql, without what a psql may not know or must not do; see <see cref="PlainFeed"/>.</summary>
internal static class ScriptFeed
{
    /// <param name="subscriptions">Gets the statements about subscriptions, which are not fed then.</param>
    /// <param name="isLeftOut">Statements that are not fed.</param>
    /// <param name="start">What comes first.</param>
    public static Func<Stream, CancellationToken, Task> Of(PgBackup backup, ICollection<string> subscriptions, Func<string, bool> isLeftOut, byte[] start) =>
        (input, token) => Task.Run(() => Run(backup, input, subscriptions, isLeftOut, start, token), token);

    private static void Run(PgBackup backup, Stream input, ICollection<string> subscriptions, Func<string, bool> isLeftOut, byte[] start, CancellationToken ct)
    {
        using var source = PayloadStream.Open(backup);
        // The input itself is closed by the one who opened it.
        var buffered = new BufferedStream(input, 256 * 1024);
        buffered.Write(start);
        PlainDump.Read(source, ct, new PlainFeed(buffered, backup.Foreign?.Section ?? "", subscriptions, isLeftOut));
        buffered.Flush();
    }

    /// <summary>A script of pg_restore's.</summary>
    public static void Run(Stream script, Stream input, Func<string, bool> isLeftOut, byte[] start, CancellationToken ct)
    {
        var buffered = new BufferedStream(input, 256 * 1024);
        buffered.Write(start);
        PlainDump.Read(script, ct, new PlainFeed(buffered, "", null, isLeftOut));
        buffered.Flush();
    }
}
