using DbSafety.Backups.Dumps;
using DbSafety.Backups.Sets;

namespace DbSafety.Restores.Filling.Scripts;

/// <summary>Feeds a plain dump to psql, without statements that psql does not support or must not run; see <see cref="PlainFeed"/>.</summary>
internal static class ScriptFeed
{
    /// <param name="subscriptions">Gets the statements about subscriptions, which are not fed then.</param>
    /// <param name="isLeftOut">Statements that are not fed.</param>
    /// <param name="start">The statements that come first.</param>
    /// <param name="tail">Gets what ends it, which is not fed then.</param>
    public static Func<Stream, CancellationToken, Task> Of(PgBackup backup, ICollection<string> subscriptions, Func<string, bool> isLeftOut, byte[] start, ScriptTail tail) =>
        (input, token) => Task.Run(
            () =>
            {
                using var source = PayloadStream.Open(backup);
                Run(source, input, new ScriptPart(backup.Foreign?.Section ?? "", subscriptions, isLeftOut, start, tail), token);
            },
            token);

    /// <summary>A script of pg_restore.</summary>
    public static Func<Stream, CancellationToken, Task> Of(Stream script, Func<string, bool> isLeftOut, byte[] start) =>
        (input, token) => Task.Run(() => Run(script, input, new ScriptPart("", null, isLeftOut, start, null), token), token);

    private static void Run(Stream script, Stream input, ScriptPart part, CancellationToken ct)
    {
        // The caller that opened the input closes it.
        var buffered = new BufferedStream(input, 256 * 1024);
        buffered.Write(part.Start);
        PlainDump.Read(script, ct, new PlainFeed(buffered, part.Section, part.Subscriptions, part.IsLeftOut, part.Tail));
        buffered.Flush();
    }

    private sealed record ScriptPart(string Section, ICollection<string>? Subscriptions, Func<string, bool> IsLeftOut, byte[] Start, ScriptTail? Tail);
}
