namespace DbSafety.Errors;

/// <summary>Advice for the command line <c>dbsafety</c>, to be copied to a shell.</summary>
public sealed class CommandLineAdvice : IAdviceDialect
{
    /// <summary>What a shell expands between double quotes.</summary>
    private static readonly System.Buffers.SearchValues<char> Expanded = System.Buffers.SearchValues.Create("\"$`\\!");

    public string Render(Advice advice) => string.Join(' ', [.. advice.Verb is { } verb ? [$"dbsafety {verb}"] : Array.Empty<string>(), .. advice.Words.Select(Text)]);

    private static string Text(AdviceWord word) => string.Join(' ', new[] { word.Option is null ? null : $"--{word.Option}", word.Value is null ? null : Quoted(word) }.OfType<string>());

    private static string Quoted(AdviceWord word) => word.Quote switch
    {
        null => word.Value!,
        '"' when !word.Value.AsSpan().ContainsAny(Expanded) => $"\"{word.Value}\"",
        _ => $"'{word.Value!.Replace("'", "'\\''", StringComparison.Ordinal)}'",
    };
}
