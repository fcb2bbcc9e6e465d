using System.Text.RegularExpressions;
using DbSafety.Errors;

namespace DbSafety.Migrations.Stages.Results;

/// <summary>The project's own command that runs its migrations, such as <c>npx prisma migrate deploy</c>.</summary>
/// <param name="Words">The program and its arguments. No shell reads them.</param>
public sealed partial record MigrationCommand(IReadOnlyList<string> Words)
{
    /// <summary>The app's container to run it in; null: this machine.</summary>
    public string? Container { get; init; }

    /// <summary>The engine's address, as <c>DOCKER_HOST</c> is written.</summary>
    public string? DockerHost { get; init; }

    public string? DockerContext { get; init; }

    /// <summary>A command that runs on this machine can be rehearsed on a copy.</summary>
    internal bool IsRehearsed => Container is null;

    /// <summary>A single text is split at spaces outside single and double quotes; several texts are the words themselves.</summary>
    /// <exception cref="DbSafetyException"><c>DBS418</c> the command is empty.</exception>
    public static MigrationCommand Parse(IReadOnlyList<string> texts)
    {
        IReadOnlyList<string> words = texts is [var line] ? [.. Word().Matches(line).Select(m => Quotes().Replace(m.Value, q => q.Value[1..^1]))] : texts;
        return words.Count > 0 && words[0].Length > 0 ? new MigrationCommand(words) : throw ErrorCatalogue.CommandMissing.For("''", "it is empty");
    }

    /// <summary>For messages, without passwords.</summary>
    public override string ToString() => Mask(string.Join(' ', Words)) + (Container is null ? "" : $" in {Container}");

    /// <summary>Hides passwords in a text of the command, which may repeat its words.</summary>
    internal string Mask(string text) => Words.Where(w => GluedPassword().IsMatch(w)).Aggregate(Secrets.Mask(text), (t, word) => t.Replace(word[2..], "***", StringComparison.Ordinal));

    /// <summary><c>-pSECRET</c>. Not a port, nor an option of one dash whose name begins with it, such as <c>-path</c>.</summary>
    [GeneratedRegex(@"^-p(?!\d{1,5}$|ath\b|ackage\b|arams?\b|lan\b|laceholders?\b|lugins?\b|ort\b|r(?:efix|eview|int|ofiles?|oject|operties|od(?:uction)?|oto(?:col)?)\b)\S{3,}$", RegexOptions.IgnoreCase)]
    private static partial Regex GluedPassword();

    [GeneratedRegex("""(?:[^\s"']|"[^"]*"|'[^']*')+""")]
    private static partial Regex Word();

    [GeneratedRegex("""  "[^"]*"|'[^']*'  """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Quotes();
}
