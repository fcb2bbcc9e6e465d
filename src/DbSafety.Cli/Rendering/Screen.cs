using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using DbSafety.Analysis.Reports;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Retained;

namespace DbSafety.Cli.Rendering;

/// <summary>Shows results on standard output, everything else on standard error. Safe to call from any thread.</summary>
internal sealed partial class Screen(TextWriter output, TextWriter error) : IOperationEvents
{
    private static readonly JsonSerializerOptions JsonForm = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly Lock gate = new();
    private readonly bool terminal = ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected;
    private readonly Dictionary<string, ProgressPace> paces = new(StringComparer.Ordinal);
    private bool progressShown;

    public bool Json { get; init; }

    /// <summary>Every question is answered with yes.</summary>
    public bool Yes { get; init; }

    public bool Verbose { get; init; }

    public bool Debug { get; init; }

    public static string Time(TimeSpan time) => time.TotalSeconds < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms")
        : time.TotalMinutes < 2 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s") : time.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture);

    /// <summary>The first few names of a list.</summary>
    public static string List(IReadOnlyList<string> names) => names.Count switch
    {
        0 => "nothing",
        <= 5 => string.Join(", ", names),
        _ => $"{string.Join(", ", names.Take(5))} and {names.Count - 5} more",
    };

    /// <summary>How to undo what was done, as the last lines of a result.</summary>
    public static string Undo(UndoAdvice? undo) => undo is null ? "" : $"\n  to undo: {undo.Command}\n    removes from the live database: {undo.Discards}";

    /// <summary>Prints a verb's objects: as JSON, or each as the text that <paramref name="describe"/> returns.</summary>
    /// <param name="asJson">Whether the verb itself has an option for JSON that is set.</param>
    public void Show<T>(IReadOnlyList<T> results, Func<T, string> describe, bool asJson = false)
    {
        lock (gate)
        {
            ClearProgress();
            if (Json || asJson)
                output.WriteLine(JsonSerializer.Serialize(results, JsonForm));
            else
                foreach (var result in results)
                    output.WriteLine(Visible(describe(result)));
        }
    }

    public void Show<T>(T result, Func<T, string> describe) => Show([result], describe);

    /// <summary>Prints objects as they are emitted: as a JSON array, or each as the text that <paramref name="describe"/> returns.</summary>
    /// <param name="asJson">Whether the verb itself has an option for JSON that is set.</param>
    public Task ShowAsync<T>(IAsyncEnumerable<T> results, Func<T, string> describe, bool asJson) =>
        WriteAsync(Json || asJson ? JsonLines.ArrayAsync(results.Select(r => JsonSerializer.Serialize(r, JsonForm))) : results.Select(describe));

    /// <summary>Prints lines as they are emitted.</summary>
    public async Task WriteAsync(IAsyncEnumerable<string> lines)
    {
        await foreach (var line in lines)
            Write(line);
    }

    /// <summary>Prints preformatted text; prints nothing if it is empty.</summary>
    public void Write(string text)
    {
        lock (gate)
        {
            ClearProgress();
            if (text.Length > 0)
                output.WriteLine(text);
        }
    }

    /// <summary>Asks for confirmation of a change that cannot be undone.</summary>
    /// <exception cref="DbSafetyException"><c>DBS901</c> there is no terminal to ask.</exception>
    public bool Agrees(string question, string command)
    {
        if (Yes)
            return true;
        if (!terminal || Console.IsInputRedirected)
            throw ErrorCatalogue.NeedsAnswer.For(command);
        lock (gate)
        {
            ClearProgress();
            error.Write($"{Visible(question)} [y/N] ");
        }

        return Console.ReadLine()?.Trim().ToUpperInvariant() is "Y" or "YES";
    }

    public void Raise(OperationEvent operationEvent)
    {
        lock (gate)
        {
            switch (operationEvent)
            {
                case MessageEvent { Level: MessageLevel.Warning } message:
                    Line("warning: " + message.Text);
                    break;
                case MessageEvent { Level: MessageLevel.Information } message:
                    Line(message.Text);
                    break;
                case MessageEvent { Level: MessageLevel.Verbose } message when Verbose:
                    Line(message.Text);
                    break;
                case MessageEvent { Level: MessageLevel.Debug } message when Debug:
                    Line("+ " + message.Text);
                    break;
                case ProgressEvent progress when terminal && !Verbose:
                    ShowProgress(progress);
                    break;
            }
        }
    }

    /// <summary>Names of databases and text of servers can contain control characters, which a terminal would execute.</summary>
    public static string Visible(string text) => ControlCharacter().Replace(text, "\uFFFD");

    [GeneratedRegex(@"[\p{Cc}-[\t\r\n]]|\r(?!\n)")]
    private static partial Regex ControlCharacter();

    private void Line(string text)
    {
        ClearProgress();
        error.WriteLine(Visible(text));
    }

    private void ShowProgress(ProgressEvent progress)
    {
        if (!paces.TryGetValue(progress.Activity, out var pace))
            paces[progress.Activity] = pace = new ProgressPace();
        pace.Take(progress);
        var percent = pace.Fraction is { } fraction ? string.Create(CultureInfo.InvariantCulture, $" {fraction * 100:0} %") : "";
        var left = pace.Left is { } time ? $", about {Time(time)} left" : "";
        var status = $"{(progress.Within is null ? "" : progress.Within + ": ")}{progress.Activity}{percent}: {pace.Status}{left}".ReplaceLineEndings(" ");
        var text = Visible(status);
        var width = Math.Max(20, Console.WindowWidth - 1);
        error.Write("\r\u001b[K" + (text.Length > width ? text[..width] : text));
        progressShown = true;
    }

    private void ClearProgress()
    {
        if (progressShown)
            error.Write("\r\u001b[K");
        progressShown = false;
    }
}
