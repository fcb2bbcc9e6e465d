using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Functions;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings.History;

/// <summary>
/// Whether the live database's catalog shows what the next statement of the set meets. It does while all earlier statements are of a few kinds that only add objects, describe them or change
/// rows, and the statement names none of these objects. Everything else can free names, change types or move objects that no statement names, so that nothing is concluded after it.
/// </summary>
internal sealed class CatalogTrust
{
    private static readonly string[] Settings = ["lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "client_min_messages"];

    private readonly HashSet<string> made = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> renamed = new(StringComparer.Ordinal);
    private readonly HashSet<string> given = new(StringComparer.Ordinal);
    private bool isLost;
    private bool namesAreLost;

    /// <summary>The catalog shows what the statement meets.</summary>
    public bool Shows(SqlStatement statement) => !isLost && (made.Count == 0 || !statement.Tokens.Any(Names));

    /// <summary>Each object that was there has the name that the statements have given it, or its own.</summary>
    public bool KnowsNames => !namesAreLost;

    /// <summary>What has not that name in the catalog has not been given it by an earlier statement.</summary>
    public bool ShowsAbsenceOf(string name) => !namesAreLost && !renamed.Contains(name);

    /// <summary>The same of whatever the statement names: no earlier statement has created it either.</summary>
    public bool ShowsAbsenceOf(SqlStatement statement) => !namesAreLost && given.Count <= BoundedCache<int, int>.Most && !statement.Tokens.Any(t => t.IsName && (renamed.Contains(t.Value) || given.Contains(t.Value)));

    /// <summary>Objects have names that no statement shows.</summary>
    public void LoseNames() => (isLost, namesAreLost) = (true, true);

    /// <param name="effects">Of the command.</param>
    /// <param name="isSeen">All that the statement does is known.</param>
    public void Apply(SqlStatement statement, Command command, IReadOnlyList<Effect> effects, bool isSeen)
    {
        isLost |= !isSeen || !Keeps(statement, command) || made.Count > BoundedCache<int, int>.Most;
        namesAreLost |= !isSeen || command is Command.Call or Command.ExecuteText or Command.Unknown or Command.Setting { Name: "role" or "session_authorization" or "authorization" } || renamed.Count > BoundedCache<int, int>.Most;
        foreach (var effect in effects)
        {
            namesAreLost |= effect is { Object.Kind: ObjectKind.Schema or ObjectKind.Extension, Cause: ObjectAction.RenameTo or ObjectAction.SetSchema };
            NoteNames(effect);
            if (effect.Cause is TableAction.RenameTo table)
                renamed.Add(table.Name);
            else if (effect.Cause is TableAction.RenameColumn column)
                renamed.Add(column.Name);
            else if (effect.Cause is TableAction.SetSchema move)
                renamed.UnionWith([move.Schema, effect.Table.Name]);
        }
    }

    /// <summary>A statement of a body may create or rename objects.</summary>
    public void NoteNames(Effect effect) => given.UnionWith(given.Count <= BoundedCache<int, int>.Most ? Given(effect) : []);

    /// <summary>The names that objects have from then on.</summary>
    private static IEnumerable<string> Given(Effect effect) => effect.Cause switch
    {
        Command.CreateTable made => [made.Name.Name],
        Command.CreateObject made => [made.Name.Name],
        TableAction.AddConstraint { Constraint.Name: { } name } => [name],
        TableAction.AddColumn add => add.Column.Constraints.Select(c => c.Name).OfType<string>(),
        TableAction.RenameConstraint rename => [rename.Name],
        ObjectAction.RenameTo rename => [rename.Name],
        ObjectAction.SetSchema => [effect.Object.Name.Name],
        _ => [],
    };

    private bool Keeps(SqlStatement statement, Command command)
    {
        if (statement.IsAbridged || statement.HasUncertainStrings)
            return false;
        switch (command)
        {
            case Command.Transaction { Word: "begin" or "start" or "commit" or "end" or "savepoint" or "release" or "rollback" or "rollback to" or "abort" }:
                return !statement.Contains("prepared");
            case Command.Transaction:
                return statement.StartsWith("set", "transaction");
            case Command.Describe:
                return statement.StartsWith("comment");
            case Command.Setting setting:
                return Array.IndexOf(Settings, setting.Name) >= 0;
            case Command.CreateTable { IfNotExists: false } table when statement.StartsWith("create", "table") && !IsFilled(statement):
                return Note([table.Name, .. table.Inherits, .. Referenced(table)]);
            case Command.CreateIndex { IfNotExists: false } index:
                return Note([index.Table, new RelationName(null, index.Name ?? "")]);
            case Command.CreateObject { Replaces: false, IfNotExists: false, IsTemporary: false, Kind: ObjectKind.View or ObjectKind.Sequence or ObjectKind.Type or ObjectKind.Function } other:
                return !statement.StartsWith("create", "temp") && !statement.StartsWith("create", "temporary") && Note([other.Name]);
            case Command.Query { Changes.Count: > 0 }:
                return (statement.StartsWith("insert") || statement.StartsWith("update") || statement.StartsWith("delete")) && !FunctionCalls.In(statement.Tokens).Any();
            default:
                return false;
        }
    }

    private bool Note(IEnumerable<RelationName> names)
    {
        made.UnionWith(names.Select(n => n.Name));
        return true;
    }

    /// <summary>The other tables that it names.</summary>
    internal static IEnumerable<RelationName> Referenced(Command.CreateTable table) =>
        table.Constraints.Concat(table.Columns.SelectMany(c => c.Constraints)).Select(c => c.Referenced).Append(table.Parent).OfType<RelationName>();

    /// <summary>CREATE TABLE … AS runs a query.</summary>
    private static bool IsFilled(SqlStatement statement)
    {
        var depth = 0;
        foreach (var token in statement.Tokens)
        {
            depth += token.IsMark('(') ? 1 : token.IsMark(')') ? -1 : 0;
            if (depth == 0 && token.Is("as"))
                return true;
        }

        return false;
    }

    /// <summary>A literal can name objects too: <c>nextval('…')</c>.</summary>
    private bool Names(SqlToken token) => token.IsName ? made.Contains(token.Value)
        : token.Kind == SqlTokenKind.Text && (token.Inside.Contains('\\') || Words(token.Value).Any(made.Contains));

    private static IEnumerable<string> Words(string text)
    {
        for (var (from, i) = (0, 0); i <= text.Length; i++)
        {
            if (i < text.Length && (char.IsLetterOrDigit(text[i]) || text[i] is '_' or '$'))
                continue;
            if (i > from)
                yield return text[from..i];
            from = i + 1;
        }
    }
}
