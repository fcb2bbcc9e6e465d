using System.CommandLine;
using DbSafety.Analysis.Syntax;
using DbSafety.Cli.Options;
using DbSafety.Cli.Rendering;
using DbSafety.Comparisons;
using DbSafety.Databases;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Connections.Text;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Operations;
using DbSafety.Restores.Retained;

namespace DbSafety.Cli.Verbs;

/// <summary><c>dbsafety database list|measure|compare</c>.</summary>
internal static class DatabaseVerbs
{
    private const int Different = 4;
    private const string Side = "A postgres:// URL, env:NAME, the manifest or payload of a backup, or a file that database measure --json wrote.";

    public static Command Create(ScreenOptions screens)
    {
        var command = new Command("database", "List, measure and compare databases.");
        command.Add(List(screens));
        command.Add(Measure(screens));
        command.Add(Compare(screens));
        return command;
    }

    private static Command List(ScreenOptions screens)
    {
        var command = new Command("list", "List the databases of a server.");
        var pattern = new Argument<string?>("database") { Description = "A name, or a pattern with * and ?. Default: all databases.", Arity = ArgumentArity.ZeroOrOne };
        var target = new TargetOptions();
        var retained = new Option<bool>("--include-retained") { Description = "List databases that DbSafety retained or is creating, too." };
        command.Add(pattern);
        target.AddTo(command);
        command.Add(retained);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            await using var chosen = await target.OpenAsync(parsed, screen, ct);
            var (name, all) = (parsed.GetValue(pattern), await new ListDatabases().RunAsync(new DatabaseListRequest(chosen.Target), screen, ct));
            screen.Show([.. all.Where(d => d.Database == name || ((parsed.GetValue(retained) || !d.IsRetained) && (name is null || ListRetained.Matches(name, d.Database))))], Line);
            return 0;
        });
        return command;
    }

    private static Command Measure(ScreenOptions screens)
    {
        var command = new Command("measure", "Count the rows of every table exactly, read sequences, and hash all definitions, in one snapshot.");
        var target = new TargetOptions();
        var checksum = new Option<bool>("--checksum") { Description = "Hash the rows of every table too, independent of their order." };
        target.AddTo(command);
        command.Add(checksum);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            await using var chosen = await target.OpenAsync(parsed, screen, ct);
            screen.Show(await new MeasureDatabase().RunAsync(new DatabaseMeasureRequest(chosen.Target) { Checksum = parsed.GetValue(checksum) }, screen, ct), Describe);
            return 0;
        });
        return command;
    }

    private static Command Compare(ScreenOptions screens)
    {
        var command = new Command("compare", "List what the second side lost, added or changed compared with the first. Exit code 4 if they differ.");
        var reference = new Argument<string>("reference") { Description = Side };
        var difference = new Argument<string>("difference") { Description = Side };
        var checksum = new Option<bool>("--checksum") { Description = "Compare the rows of databases by hash too. Default if the other side has checksums." };
        command.Add(reference);
        command.Add(difference);
        command.Add(checksum);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            var request = new CompareRequest(await SideOfAsync(parsed.GetRequiredValue(reference), screen, ct), await SideOfAsync(parsed.GetRequiredValue(difference), screen, ct)) { Checksum = parsed.GetValue(checksum) };
            var result = await new CompareDatabases().RunAsync(request, screen, ct);
            screen.Show(result, Describe);
            return result.Same ? 0 : Different;
        });
        return command;
    }

    /// <summary>An existing file is a file; a text in the format of a URL or a connection string is a database.</summary>
    private static async Task<ComparisonSide> SideOfAsync(string text, Screen screen, CancellationToken ct) =>
        text.Contains("://", StringComparison.Ordinal) || text.StartsWith("env:", StringComparison.Ordinal) || text == "-" || (text.Contains('=', StringComparison.Ordinal) && !Path.Exists(text))
            ? ComparisonSide.Of(await new ChooseServer().RunAsync(TargetOptions.FromUrl(text, screen), screen, ct))
            : ComparisonSide.OfFile(ConnectionNames.Checked(text, "the side to compare"));

    private static string Line(PgDatabase database) =>
        $"{database.Database,-32} {(database.Bytes is { } bytes ? ByteSize.Text(bytes) : ""),10}  owner {database.Owner}, {database.Connections} sessions";

    internal static string Describe(PgDifference difference) =>
        (difference.Same
            ? $"the same: {difference.Difference} and {difference.Reference}"
            : $"{difference.Difference} differs from {difference.Reference}:\n  {string.Join("\n  ", difference.Changes)}")
        + string.Concat(difference.NotCompared.Select(n => $"\n  not compared: {n}"));

    internal static string Describe(PgFingerprint fingerprint)
    {
        var width = fingerprint.Tables.Select(t => t.ToString().Length).DefaultIfEmpty(0).Max();
        var lines = fingerprint.Tables.Select(t => $"  {t.ToString().PadRight(width)}  {t.Rows,12:N0} rows{(t.Checksum is null ? "" : "  " + t.Checksum)}")
            .Concat(fingerprint.Sequences.Select(s => $"  sequence {SqlName.Display(s.Schema, s.Name)} at {s.Value}{(s.IsCalled ? "" : " (not used yet)")}"))
            .Concat(fingerprint.NotCounted.Select(n => $"  not counted: {n}"));
        return $"{fingerprint.Database} on {fingerprint.Server}, PostgreSQL {fingerprint.ServerMajor}: {fingerprint.Tables.Count} tables, {fingerprint.Rows:N0} rows, schema {fingerprint.SchemaHash[..12]}\n{string.Join('\n', lines)}";
    }
}
