using System.CommandLine;
using System.Text.RegularExpressions;
using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Cli;

/// <summary>How the command line says which database: <c>--database-url</c>, <c>--env-file</c>, or libpq's environment.</summary>
internal sealed partial class TargetOptions
{
    private readonly Option<string?> url = new("--database-url", "-d") { Description = "A postgres:// URL, env:NAME, or - to read it from standard input." };
    private readonly Option<string?> envFile = new("--env-file") { Description = "Take DATABASE_URL from this file." };

    public void AddTo(Command command)
    {
        command.Add(url);
        command.Add(envFile);
    }

    /// <summary>Null where nothing was said.</summary>
    public DatabaseTarget? Find(ParseResult parsed, IOperationEvents events)
    {
        if (parsed.GetValue(url) is { } text)
            return FromUrl(text, events);
        return parsed.GetValue(envFile) is { } file ? DatabaseTargets.FromEnvFile(file) : null;
    }

    public DatabaseTarget Get(ParseResult parsed, IOperationEvents events) => Find(parsed, events) ?? DatabaseTargets.FromEnvironment();

    /// <summary>A URL, <c>env:NAME</c>, or <c>-</c>.</summary>
    public static DatabaseTarget FromUrl(string text, IOperationEvents events)
    {
        if (text == "-")
            return DatabaseTargets.Parse(Console.In.ReadLine() ?? "");
        if (text.StartsWith("env:", StringComparison.Ordinal))
            return DatabaseTargets.Parse(Environment.GetEnvironmentVariable(text[4..]) is { Length: > 0 } value ? value : throw ErrorCatalogue.TargetInvalid.For(text, "that variable is not set"));
        if (HoldsPassword(text))
            events.Warning("the URL on the command line holds a password, which others on this machine can read; use --database-url env:NAME or --database-url -");
        return DatabaseTargets.Parse(text);
    }

    private static bool HoldsPassword(string text) =>
        PasswordPattern().IsMatch(text) || text.Contains("password=", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("^[a-z]+://[^/@]*:[^@]*@", RegexOptions.IgnoreCase)]
    private static partial Regex PasswordPattern();
}
