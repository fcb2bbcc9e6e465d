using System.Text.RegularExpressions;
using DbSafety.Databases.Tables;
using DbSafety.Errors;

namespace DbSafety.Databases.Connections.Text;

/// <summary>Replaces the variables in an env file's values as dotenv-expand does: those of the environment come before those of the file.</summary>
internal sealed partial class EnvExpansion(IReadOnlyDictionary<string, EnvLine> lines)
{
    /// <summary>More replacements than any file needs: variables that refer to each other.</summary>
    private const int MostReplacements = 200;

    private const int MostCharacters = 100_000;

    public string Expand(string value) => Expand(value, null) ?? "";

    /// <param name="problem">Creates the error; its text contains no part of the value that can belong to a password.</param>
    public string ExpandClearly(EnvLine line, Func<string, DbSafetyException> problem)
    {
        if (line.IsCut)
            throw problem("a # in it begins a comment for dotenv, but not for other readers; put the value in double quotes");
        if (line.Quote is { } quote && line.Value.StartsWith(quote))
            throw problem($"unterminated quotation mark {quote}");
        if (line.Quote == '\'' && VariablePattern().IsMatch(line.Value))
            throw problem("it has a $ in single quotes, which dotenv-expand expands and other readers do not");
        if (line.Value.Contains("$(", StringComparison.Ordinal))
            throw problem("it has a $(, which runs a command for some readers");
        return Expand(line.Value, problem) ?? throw problem("its variables refer to each other");
    }

    /// <param name="problem">Null: an unset variable is an empty text.</param>
    private string? Expand(string value, Func<string, DbSafetyException>? problem)
    {
        var count = 0;
        while (VariablePattern().Match(value) is { Success: true } match)
        {
            if (++count > MostReplacements || value.Length > MostCharacters)
                return null;
            value = value[..match.Index] + Replacement(match, problem) + value[(match.Index + match.Length)..];
        }

        return value.Replace("\\$", "$", StringComparison.Ordinal);
    }

    private string Replacement(Match match, Func<string, DbSafetyException>? problem)
    {
        var expression = match.Groups[1] is { Success: true } braced ? braced.Value : match.Groups[2].Value;
        var (name, sign, rest) = OperatorPattern().Match(expression) is { Success: true } found
            ? (expression[..found.Index], found.Value, expression[(found.Index + found.Length)..]) : (expression, "", "");
        var known = Value(name, match, problem);
        if (sign is "+" or ":+")
            return known.Length > 0 ? rest : "";
        if (known.Length > 0 || sign.Length > 0)
            return known.Length > 0 ? known : rest;
        return problem is null || IsSet(name) ? "" : throw problem($"{Shown(name, match)} is set neither in the file nor in the environment");
    }

    private string Value(string name, Match match, Func<string, DbSafetyException>? problem)
    {
        var (own, other) = (lines.GetValueOrDefault(name)?.Value ?? "", ProcessVariables.Of(name) ?? "");
        if (problem is not null && own.Length > 0 && other.Length > 0 && own != other)
            throw problem($"{Shown(name, match)} is in the file and, with another value, in the environment");
        return other.Length > 0 ? other : own;
    }

    private bool IsSet(string name) => lines.ContainsKey(name) || ProcessVariables.Of(name) is not null;

    /// <summary>What follows a $ can be a part of a password: only what looks like a variable's name in braces is repeated.</summary>
    private static string Shown(string name, Match match) => match.Groups[1].Success && NamePattern().IsMatch(name) ? name : "a variable in it";

    [GeneratedRegex(@"(?<!\\)\$\{([^{}]+)\}|(?<!\\)\$([A-Za-z_][A-Za-z0-9_]*)")]
    private static partial Regex VariablePattern();

    [GeneratedRegex(":\\+|\\+|:-|-")]
    private static partial Regex OperatorPattern();

    [GeneratedRegex("^[A-Z][A-Z0-9_]{1,60}$")]
    private static partial Regex NamePattern();
}
