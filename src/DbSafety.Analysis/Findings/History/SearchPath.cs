using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Commands.Parsing;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Functions;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings.History;

/// <summary>Which schema a script has put first on its search path.</summary>
/// <param name="session">Null without a database.</param>
internal sealed class SearchPath(ScriptSettings settings, SessionPath? session)
{
    private const string Name = "search_path";

    /// <summary>They decide what <c>$user</c> means.</summary>
    private static readonly string[] Roles = ["role", "authorization", "session_authorization"];

    /// <summary>Null: the connection's own decides, as it did before the set.</summary>
    public string? Schema => IsUnknown ? null : settings.Of(Name) is { } values ? session?.First([.. values.Where(v => v.Length > 0)], Role) ?? First(values) : session?.Moved(Role);

    /// <summary>The script has named other schemas, or gone back to before it did, or the set has changed which of them exist: what <see cref="Schema"/> says is then no more than likely.</summary>
    public bool IsTouched => session is null ? settings.IsTouched(Name)
        : settings.Given(Name).Any(v => v is null || !session.IsSame(v, null)) || !session.IsSame(session.Names, null) || Roles.SelectMany(settings.Given).Any(ChangesPath);

    /// <summary>What it is was decided at run time: by a block or a routine, or from a value that does not stand there.</summary>
    public bool IsUnknown => settings.IsUnknown(Name) || (session is not null && (session.IsUnknown(Now, Role) || (Now.Contains("$user") && Array.Exists(Roles, settings.IsUnknown))));

    private IReadOnlyList<string> Now => settings.Of(Name) ?? session?.Names ?? [];

    /// <summary>Null: that of the session.</summary>
    private string? Role => Roles.Select(settings.Of).FirstOrDefault(v => v is [not "none"])?[0];

    /// <summary>A name without a schema can be in that one.</summary>
    public bool Searches(string schema) => Now.Contains(schema);

    /// <summary>Whether a statement of a body creates or drops a schema of the path, or sets a role that has one of its own.</summary>
    public bool IsChangedBy(Command command, IEnumerable<Effect> effects) =>
        session is not null && (effects.Any(session.Concerns) || (command is Command.Setting setting && Array.Exists(Roles, r => r == setting.Name) && ChangesPath(setting.Values)));

    private bool ChangesPath(IReadOnlyList<string>? role) => role is [var name] ? name != "none" && session!.MovesWith(Now, name) : role is null && Now.Contains("$user");

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
