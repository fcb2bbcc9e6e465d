using System.CommandLine;
using System.IO.Enumeration;
using DbSafety.Audit;
using DbSafety.Cli.Options;
using DbSafety.Cli.Rendering;
using DbSafety.Operations;

namespace DbSafety.Cli.Verbs;

/// <summary><c>dbsafety log</c>.</summary>
internal static class LogVerb
{
    public static Command Create(ScreenOptions screens)
    {
        var command = new Command("log", "List the operations that DbSafety has recorded, the newest first: who, when, what, the outcome, and the command that undoes it.");
        var database = new Option<string?>("--database") { Description = "Only operations on this database; * and ? match any characters." };
        var operation = new Option<string?>("--operation") { Description = "Only operations of this verb, such as \"restore run\"; * and ? match any characters." };
        var outcome = new Option<LogOutcome[]>("--outcome") { Description = "Only operations with this outcome; can be specified several times.", HelpName = string.Join('|', Enum.GetNames<LogOutcome>()), AllowMultipleArgumentsPerToken = true };
        var since = new Option<TimeSpan?>("--since") { Description = "Only operations that started within this time: 30d, 12h, 8w, or d.hh:mm:ss.", CustomParser = RetentionOptions.Age };
        var path = new Option<string?>("--path") { Description = "A folder with log files. Default: that of this user." };
        foreach (var option in new Option[] { database, operation, outcome, since, path })
            command.Add(option);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            var request = new LogRequest { Folder = parsed.GetValue(path), Since = parsed.GetValue(since) is { } age ? DateTimeOffset.UtcNow - age : null };
            var outcomes = parsed.GetValue(outcome) ?? [];
            var entries = await new ReadLog().RunAsync(request, screen, ct);
            screen.Show([.. entries.Where(e => Fits(parsed.GetValue(database), e.Database, ignoreCase: false) && Fits(parsed.GetValue(operation), e.Verb, ignoreCase: true) && (outcomes.Length == 0 || outcomes.Contains(e.Outcome)))], Describe);
            return 0;
        });
        return command;
    }

    private static bool Fits(string? pattern, string? value, bool ignoreCase) => pattern is null || (value is not null && FileSystemName.MatchesSimpleExpression(pattern, value, ignoreCase));

    internal static string Describe(DbSafetyLogEntry entry)
    {
        var where = (entry.Database, entry.Server) switch
        {
            (null, null) => "",
            (null, _) => $" on {entry.Server}",
            (_, null) => $" of {entry.Database}",
            _ => $" of {entry.Database} on {entry.Server}",
        };
        var counted = entry.Rows is { } rows ? $"{entry.Tables} tables, {rows:N0} rows{(entry.Bytes is { } bytes ? $", {ByteSize.Text(bytes)}" : "")}" : null;
        string?[] lines =
        [
            $"{entry.Time:yyyy-MM-dd HH:mm:ss}Z  {entry.Outcome,-11}  {entry.Verb}{where}, by {entry.User} on {entry.Machine}{(entry.Duration is { } duration ? $" ({Screen.Time(duration)})" : "")}",
            entry.ErrorCode is { } code ? $"error {code}: {entry.Error}" : null,
            counted,
            .. entry.Sets.Select(s => s.Path),
            .. entry.Evidence,
            entry.Undo is { } undo ? $"to undo it: {undo}" : null,
        ];
        return string.Join("\n  ", lines.OfType<string>());
    }
}
