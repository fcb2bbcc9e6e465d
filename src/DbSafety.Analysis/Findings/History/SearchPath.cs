using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Commands.Parsing;
using DbSafety.Analysis.Functions;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings.History;

/// <summary>Which schema a script has put first on its search path.</summary>
internal sealed class SearchPath(ScriptSettings settings)
{
    private const string Name = "search_path";

    /// <summary>Null: the connection's own decides.</summary>
    public string? Schema => settings.Of(Name) is { } values ? First(values) : null;

    /// <summary>The script has named schemas, or gone back to before it did: what <see cref="Schema"/> says is then no more than likely.</summary>
    public bool IsTouched => settings.IsTouched(Name);

    /// <summary>What it is was decided at run time: by a block or a routine, or from a value that does not stand there.</summary>
    public bool IsUnknown => settings.IsUnknown(Name);

    public void MarkUnknown() => settings.MarkUnknown(Name);

    /// <summary>Whether a statement of a body sets it.</summary>
    public static bool IsSetBy(SqlStatement statement, Command command) =>
        command is Command.Setting { Name: "search_path" } || Calls(statement).Any(MayBePath);

    /// <summary>A function that has a search path of its own (SET search_path = …).</summary>
    public static string? OfRoutine(SqlStatement statement)
    {
        var cursor = new TokenCursor(statement.Tokens);
        for (var at = cursor.Find("set"); at < cursor.Count; at = cursor.Find("set"))
        {
            cursor.BackTo(at + 1);
            if (cursor.Take("search_path"))
                return SettingParser.List(cursor).FirstOrDefault(v => v.Length > 0 && !v.Contains(',') && v is not ("$user" or "pg_catalog" or "pg_temp"));
        }

        return null;
    }

    private static IEnumerable<IReadOnlyList<string>?> Calls(SqlStatement statement) =>
        FunctionCalls.In(statement.Tokens).Where(c => c.Name == "set_config").Select(c => FunctionCalls.Arguments(statement.Tokens, c.At));

    /// <summary>The name of the setting stands there and is another.</summary>
    private static bool MayBePath(IReadOnlyList<string>? arguments) =>
        arguments is not [var name, ..] || Literal(name) is not { } literal || literal.Equals("search_path", StringComparison.OrdinalIgnoreCase);

    private static string? Literal(string expression) =>
        SqlSplitter.Split(expression) is [{ Tokens: [{ Kind: SqlTokenKind.Text } text] }] ? QuotedText.Literal(text) : null;

    /// <summary><c>"$user"</c> is a schema that mostly is not there, and an empty name is none.</summary>
    private static string? First(IReadOnlyList<string> values) => values.FirstOrDefault(v => v.Length > 0 && v != "$user");
}
