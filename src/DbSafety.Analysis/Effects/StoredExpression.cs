using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Functions;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Effects;

/// <summary>An expression that a definition holds: PostgreSQL computes it when rows are written, and some at once for the rows that are there.</summary>
/// <param name="Of">The table, or the domain.</param>
/// <param name="Words">Such as <c>a default</c>.</param>
/// <param name="Events">The changes of rows that compute it later; none for a domain.</param>
internal sealed record StoredExpression(RelationName Of, string Words, IReadOnlyList<SqlToken> Tokens, IReadOnlySet<string> Events)
{
    public const string Validation = "validate";

    private static readonly HashSet<string> OnInsert = ["insert"];
    private static readonly HashSet<string> OnWrite = ["insert", "update", Validation];

    /// <summary>For the rows that are there, too.</summary>
    public bool IsComputedNow { get; init; }

    /// <summary>A type, which has expressions where it is a domain.</summary>
    public bool IsType { get; init; }

    public bool IsOfDomain => Events.Count == 0;

    /// <summary>What it calls that is not known to only compute.</summary>
    public IEnumerable<FunctionCall> Calls => IsType ? [] : FunctionCalls.In(Tokens).Where(c => !KnownFunctions.IsHarmless(c));

    public static IEnumerable<StoredExpression> Read(SqlStatement statement, Command command) => command switch
    {
        Command.CreateTable table => [.. table.Columns.SelectMany(c => OfColumn(table.Name, c, now: false)), .. table.Constraints.SelectMany(c => OfCheck(table.Name, c, now: false))],
        Command.AlterTable table => table.Actions.SelectMany(a => OfAction(table.Name, a)),
        Command.CreateIndex index => [.. Keys(index).SelectMany(k => Made(index.Table, "an index", k, OnWrite, now: true))],
        Command.CreateObject { Kind: ObjectKind.Domain } domain => [new StoredExpression(domain.Name, "a check", [.. statement.Tokens.Skip(2)], new HashSet<string>())],
        Command.AlterObject { Kind: ObjectKind.Domain } domain => domain.Actions.OfType<ObjectAction.AddConstraint>().SelectMany(a => Made(domain.Name, "a check", a.Constraint.Expression, new HashSet<string>(), !a.Constraint.IsNotValid)),
        _ => [],
    };

    private static IEnumerable<StoredExpression> OfAction(RelationName table, TableAction action) => action switch
    {
        TableAction.AddColumn add => OfColumn(table, add.Column, now: true),
        TableAction.AddConstraint add => OfCheck(table, add.Constraint, !add.Constraint.IsNotValid),
        TableAction.ChangeType change => [.. Made(table, "a conversion", change.Using, OnWrite, now: true), .. Made(table, "a type", change.Type, OnWrite, now: true, isType: true)],
        TableAction.SetDefault set => Made(table, "a default", set.Expression, OnInsert, now: false),
        _ => [],
    };

    private static IEnumerable<StoredExpression> OfColumn(RelationName table, ColumnDefinition column, bool now) =>
    [
        .. Made(table, "a default", column.Default, OnInsert, now), .. Made(table, "a generated column", column.Generated, OnWrite, now),
        .. Made(table, "a type", column.Type, OnWrite, now, isType: true), .. column.Constraints.SelectMany(c => OfCheck(table, c, now)),
    ];

    private static IEnumerable<StoredExpression> OfCheck(RelationName table, ConstraintDefinition constraint, bool now) => Made(table, "a check", constraint.Expression, OnWrite, now);

    private static IEnumerable<string?> Keys(Command.CreateIndex index) => [.. index.Keys ?? [], index.Where];

    private static IEnumerable<StoredExpression> Made(RelationName of, string words, string? text, IReadOnlySet<string> events, bool now, bool isType = false) =>
        text is { Length: > 0 } && SqlSplitter.Split(text) is [var expression] ? [new StoredExpression(of, words, expression.Tokens, events) { IsComputedNow = now, IsType = isType }] : [];
}
