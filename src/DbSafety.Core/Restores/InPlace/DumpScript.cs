using DbSafety.Analysis.Syntax;
using DbSafety.Backups.Dumps;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Filling.Scripts;
using DbSafety.Tools;

namespace DbSafety.Restores.InPlace;

/// <summary>A set as a script for psql: a plain dump as it is, an archive through pg_restore; its rows are counted while it is read.</summary>
/// <param name="Schemas">Schemas that stay in the database, so that they are not created again.</param>
/// <param name="Extensions">Extensions that stay.</param>
internal sealed record DumpScript(PgBackup Backup, bool NoOwner, IReadOnlyCollection<string> Schemas, IReadOnlyCollection<string> Extensions)
{
    private readonly List<string> subscriptions = [];

    /// <summary>The search_path of the script, if its own path does not work.</summary>
    public ScriptPath Path { get; init; } = new(null, []);

    private readonly ScriptTail tail = new();

    /// <summary>The end of the script, which was not written; see <see cref="ScriptTail"/>.</summary>
    public byte[] Tail => tail.Rest(Path.Start);

    /// <summary>Subscriptions of the set, which are not created.</summary>
    public IReadOnlyList<string> Subscriptions => [.. DumpedSubscription.Of(subscriptions).Select(s => s.Name)];

    /// <returns>What was counted while reading.</returns>
    /// <exception cref="DbSafetyException"><c>DBS204</c>, or what pg_restore reports (<c>DBS112</c>).</exception>
    public async Task<DumpCensus> WriteAsync(Stream script, IOperationEvents events, CancellationToken ct)
    {
        try
        {
            return await RunAsync(script, events, ct);
        }
        catch (DumpDamagedException e)
        {
            throw ErrorCatalogue.BackupDamaged.Because(e, Backup.Path, e.Message);
        }
    }

    private async Task<DumpCensus> RunAsync(Stream script, IOperationEvents events, CancellationToken ct)
    {
        if (Backup.Manifest.Format == BackupFormat.Plain)
        {
            await using var dump = PayloadStream.Open(Backup);
            return await Task.Run(() => Feed(dump, script, ct), ct);
        }

        var directory = Backup.Manifest.Format == BackupFormat.Directory;
        var pgRestore = await PgTools.FindAsync("pg_restore", ForeignSet.Major(Backup.Manifest.Source.PgDumpVersion), ct);
        var command = new ToolCommand(
            pgRestore.Path,
            ["--file=-", .. NoOwner ? ["--no-owner", "--no-privileges"] : Array.Empty<string>(), .. directory ? [Backup.Foreign?.Path ?? Backup.Payload] : Array.Empty<string>()]);
        events.Debug(command.ToString());
        DumpCensus? census = null;
        (await ToolProcess.RunAsync(
            command,
            async (output, token) => census = await Task.Run(() => Feed(output, script, token), token),
            directory ? null : async (input, token) =>
            {
                await using var dump = PayloadStream.Open(Backup);
                await dump.CopyToAsync(input, 256 * 1024, token);
            },
            ct)).OrThrow();
        return census!;
    }

    private DumpCensus Feed(Stream source, Stream script, CancellationToken ct)
    {
        // One database's dump without \connect: all of it is in the first section.
        const string Section = "";
        // The script continues: it is not closed here.
        var buffered = new BufferedStream(script, 256 * 1024);
        buffered.Write(Path.Start);
        var content = PlainDump.Read(source, ct, new PlainFeed(buffered, Section, subscriptions, IsLeftOut, tail));
        buffered.Flush();
        return content.Sections.Single(s => s.Database == Section).Census(content.Bytes);
    }

    /// <summary>
    /// The session's own timeouts apply until the end: pg_dump would disable the lock timeout. What stays is not created again, and its
    /// comment, which only its owner could set, stays with it.
    /// </summary>
    private bool IsLeftOut(string statement) =>
        statement.StartsWith("SET ", StringComparison.Ordinal) && statement.Contains("_timeout = ", StringComparison.Ordinal)
        || (NoOwner && DumpRoles.AreIn(statement))
        || Path.IsLeftOut(statement)
        || Schemas.Any(s => Is(statement, "CREATE SCHEMA ", s, ";"))
        || Extensions.Any(e => Is(statement, "COMMENT ON EXTENSION ", e, " IS "));

    private static bool Is(string statement, string before, string name, string after) =>
        statement.StartsWith(before, StringComparison.Ordinal)
        && (statement.AsSpan(before.Length).StartsWith(name + after, StringComparison.Ordinal) || statement.AsSpan(before.Length).StartsWith(SqlName.Quote(name) + after, StringComparison.Ordinal));
}
