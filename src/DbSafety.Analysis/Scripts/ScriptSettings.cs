using System.Collections.Immutable;
using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Functions;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Scripts;

/// <summary>
/// What a script has set, through its transactions and savepoints as PostgreSQL does it (AtEOXact_GUC in src/backend/utils/misc/guc.c): ROLLBACK undoes SET, ROLLBACK TO undoes what follows
/// the savepoint, and SET LOCAL ends with the transaction.
/// </summary>
internal sealed class ScriptSettings
{
    /// <summary>Decides which triggers and rules fire.</summary>
    public const string ReplicationRole = "session_replication_role";

    /// <summary>The settings that decide how a script is read; what is set at run time can be any of them.</summary>
    private static readonly string[] Followed = ["search_path", StringReading.Setting, "lock_timeout", "timezone", ReplicationRole];

    /// <summary>Of one setting, of which all are remembered.</summary>
    private const int MostValues = 1000;

    /// <param name="List">Null: the connection's own.</param>
    private sealed record Value(IReadOnlyList<string>? List, bool IsUnknown = false);

    private sealed record Kept(Value Session, Value? Local = null);

    private static readonly Value Own = new(null);
    private static readonly Value Unknown = new(null, IsUnknown: true);

    private readonly List<(string? Savepoint, ImmutableDictionary<string, Kept> Values)> open = [];
    private readonly Dictionary<string, HashSet<Value>> given = new(StringComparer.Ordinal);
    private ImmutableDictionary<string, Kept> values = ImmutableDictionary<string, Kept>.Empty;
    private ImmutableDictionary<string, Kept> before = ImmutableDictionary<string, Kept>.Empty;

    /// <summary>Null: the connection's own decides, or it is not known.</summary>
    public IReadOnlyList<string>? Of(string name) => Now(name).List;

    /// <summary>It was set at run time, or from a value that is not in the script.</summary>
    public bool IsUnknown(string name) => Now(name).IsUnknown;

    /// <summary>The script has set it, or has undone that since.</summary>
    public bool IsTouched(string name) => given.ContainsKey(name);

    /// <summary>What the script has set it to, apart from the connection's own; null: what is not known.</summary>
    public IEnumerable<IReadOnlyList<string>?> Given(string name) => given.GetValueOrDefault(name)?.Where(v => v.IsUnknown || v.List is not null).Select(v => v.List) ?? [];

    public void MarkUnknown(string name) => Set(name, Unknown, isLocal: false);

    public void Apply(SqlStatement statement)
    {
        switch (statement.Tokens[0].Kind == SqlTokenKind.Word ? statement.Tokens[0].Value : "")
        {
            case "begin" or "start" when open.Count == 0:
                open.Add((null, values));
                break;
            case "commit" or "end" when !IsPrepared(statement):
                End(values, statement);
                break;
            case "prepare" when statement.StartsWith("prepare", "transaction"):
                End(values, statement);
                break;
            case "rollback" or "abort" when !IsPrepared(statement):
                RollBack(statement);
                break;
            case "savepoint":
                open.Add((Last(statement), values));
                break;
            case "release" when At(Last(statement)) is >= 0 and var at:
                open.RemoveRange(at, open.Count - at);
                break;
            case "set" or "reset":
                Apply(statement, CommandParser.Parse(statement));
                break;
            case "discard" when statement.StartsWith("discard", "all"):
                ResetAll();
                break;
            case "update" when statement.Contains("pg_settings"):
                MarkAllUnknown();
                break;
            case not ("do" or "alter" or "create"):
                ApplyCalls(statement);
                break;
            case "create" when statement.Contains("table") && statement.Contains("as"):
                ApplyCalls(statement);
                break;
        }
    }

    private static bool IsPrepared(SqlStatement statement) => statement.Tokens.Count > 1 && statement.Tokens[1].Is("prepared");

    private static string Last(SqlStatement statement) => statement.Tokens[^1].Value;

    private int At(string savepoint) => open.FindLastIndex(o => o.Savepoint == savepoint);

    private Value Now(string name) => values.TryGetValue(name, out var kept) ? kept.Local ?? kept.Session : Own;

    private void RollBack(SqlStatement statement)
    {
        if (statement.Contains("to"))
        {
            if (At(Last(statement)) is not (>= 0 and var at))
                return;
            values = open[at].Values;
            open.RemoveRange(at + 1, open.Count - at - 1);
        }
        else if (open.Count > 0)
        {
            End(open[0].Values, statement);
        }
        else
        {
            // A tool's own transaction ends here; psql has none, and undoes nothing.
            foreach (var (name, kept) in values.Where(v => !before.TryGetValue(v.Key, out var was) || was != v.Value).ToList())
                values = values.SetItem(name, new Kept(Unknown));
            End(values, statement);
        }
    }

    private void End(ImmutableDictionary<string, Kept> left, SqlStatement statement)
    {
        values = left.ToImmutableDictionary(v => v.Key, v => v.Value with { Local = null });
        before = values;
        open.Clear();
        if (statement.Contains("chain") && !statement.Contains("no"))
            open.Add((null, values));
    }

    private void Apply(SqlStatement statement, Command command)
    {
        var isReset = statement.StartsWith("reset");
        if (command is Command.Setting { Name: "all" } && isReset)
            ResetAll();
        else if (command is Command.Setting setting)
            Set(setting.Name.ToLowerInvariant(), setting.Values.Count == 0 ? Own : new Value(setting.Values), setting.IsLocal);
        else if (statement.Tokens.Count > 3 && statement.Tokens[^1].Is("current") && statement.Tokens[^2].Is("from"))
            Set(statement.Tokens[^3].Value.ToLowerInvariant(), Now(statement.Tokens[^3].Value.ToLowerInvariant()), statement.StartsWith("set", "local"));
    }

    /// <summary>SELECT set_config('search_path', …).</summary>
    private void ApplyCalls(SqlStatement statement)
    {
        if (!statement.Tokens.Any(t => t.IsName && t.Value == "set_config"))
            return;
        foreach (var call in FunctionCalls.In(statement.Tokens).Where(c => c.Name == "set_config").Select(c => FunctionCalls.Arguments(statement.Tokens, c.At)))
        {
            if (call is not [var name, ..] || Literal(name) is not { } literal)
            {
                MarkAllUnknown();
                continue;
            }

            var isLocal = call.Count > 2 ? call[2].Trim('\'').ToLowerInvariant() switch { "f" or "false" or "off" or "no" or "0" => false, "t" or "true" or "on" or "yes" or "1" => true, _ => (bool?)null } : null;
            var value = isLocal is not null && Literal(call[1]) is { } list ? new Value([.. list.Split(',').Select(v => v.Trim().Trim('"'))]) : Unknown;
            Set(literal.ToLowerInvariant(), value, isLocal ?? false);
        }
    }

    private void Set(string name, Value value, bool isLocal)
    {
        if (!given.TryGetValue(name, out var all))
            given[name] = all = [];
        if (all.Count < MostValues)
            all.Add(all.Count < MostValues - 1 ? value : Unknown);
        values = values.SetItem(name, isLocal ? new Kept(values.TryGetValue(name, out var kept) ? kept.Session : Own, value) : new Kept(value));
    }

    private void ResetAll()
    {
        foreach (var name in values.Keys)
            Set(name, Own, isLocal: false);
    }

    private void MarkAllUnknown()
    {
        foreach (var name in Followed)
            MarkUnknown(name);
    }

    private static string? Literal(string expression) =>
        SqlSplitter.Split(expression) is [{ Tokens: [{ Kind: SqlTokenKind.Text } text] }] ? QuotedText.Literal(text) : null;
}
