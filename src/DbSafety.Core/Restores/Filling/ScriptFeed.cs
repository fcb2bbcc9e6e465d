using DbSafety.Backups;
using DbSafety.Backups.Dumps;

namespace DbSafety.Restores.Filling;

/// <summary>Feeds a plain dump to psql, without what a psql may not know or must not do; see <see cref="PlainFeed"/>.</summary>
internal static class ScriptFeed
{
    /// <param name="subscriptions">Gets the statements about subscriptions, which are not fed then; null: they are fed as all others.</param>
    /// <param name="labels">Which security labels are not fed; null: all are.</param>
    public static Func<Stream, CancellationToken, Task> Of(PgBackup backup, ICollection<string>? subscriptions = null, LabelProviders? labels = null) =>
        (input, token) => Task.Run(() => Run(backup, input, subscriptions, labels, token), token);

    private static void Run(PgBackup backup, Stream input, ICollection<string>? subscriptions, LabelProviders? labels, CancellationToken ct)
    {
        using var source = PayloadStream.Open(backup);
        // The input itself is closed by the one who opened it.
        var buffered = new BufferedStream(input, 256 * 1024);
        PlainDump.Read(source, ct, new PlainFeed(buffered, backup.Foreign?.Section ?? "", subscriptions, labels is null ? null : statement => labels.IsLeftOut(statement, ct)));
        buffered.Flush();
    }
}
