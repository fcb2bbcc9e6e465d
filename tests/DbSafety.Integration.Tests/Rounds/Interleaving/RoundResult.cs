using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using DbSafety.CrashHost;
using DbSafety.Errors;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;

namespace DbSafety.Integration.Tests.Rounds.Interleaving;

/// <summary>How an operation ended, and everything that it told its user.</summary>
internal sealed partial record RoundResult(object? Value, Exception? Failure, string Reported)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(120);

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public bool Succeeded => Failure is null;

    public ErrorKind? Kind => (Failure as DbSafetyException)?.Kind;

    /// <summary>The error's own words: what it says about the state of the database.</summary>
    public string Error => Failure is DbSafetyException e ? $"{e.Code}: {e.Message} {e.Hint}" : Failure?.ToString() ?? "";

    /// <summary>Not where it says that the outcome is unknown, and what it would mean.</summary>
    public bool SaysUnchanged => !Succeeded && Unchanged().IsMatch(Error) && !Unknown().IsMatch(Error);

    public static async Task<RoundResult> OfAsync(string operation, RoundPlace place)
    {
        var events = new RecordedEvents();
        try
        {
            var value = await RoundCommand.RunAsync(operation, place, events).WaitAsync(Longest);
            return new RoundResult(value, null, Words(events) + Serialize(value));
        }
        catch (Exception e)
        {
            return new RoundResult(null, e, Words(events) + (e is DbSafetyException d ? $"{d.Message}\n{d.Hint}" : e.Message));
        }
    }

    public static string Serialize(object value) => JsonSerializer.Serialize(value, value.GetType(), Plain);

    public override string ToString() => Succeeded ? "succeeded" : Error;

    private static string Words(RecordedEvents events) => string.Join('\n', events.All.Select(e => e switch
    {
        MessageEvent { Level: MessageLevel.Information or MessageLevel.Warning } m => m.Text,
        SafeMigrationFailedEvent f => Serialize(f.Run),
        _ => "",
    })) + "\n";

    [GeneratedRegex("was not touched|[Nn]othing was touched|[Nn]othing was changed|was not changed|database is as it was|database is unchanged|data are as they were|It was rolled back")]
    private static partial Regex Unchanged();

    [GeneratedRegex("not known|unknown")]
    private static partial Regex Unknown();
}
