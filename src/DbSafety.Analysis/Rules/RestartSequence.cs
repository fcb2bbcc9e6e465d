using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Commands.Parsing;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>A sequence restarts: its next values may already be in use.</summary>
internal sealed class RestartSequence : IAnalysisRule
{
    private const string Remedy = "Set its next value above the highest value in use: SELECT setval(…, (SELECT max(…) FROM …)).";

    public string Id => "restart-sequence";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is OutsideCall.Of { Function: { Name: "setval", Schema: null or "pg_catalog" } } call)
            return SetValue(call, context);
        if (effect.Cause is not TableAction.Restart || context.Display(effect.Object) is not { } name)
            return null;
        var live = context.History.Live(effect.Object.Name);
        var sequence = effect.Object.Part is { } column
            ? $"pg_catalog.pg_get_serial_sequence({SqlName.Literal(live.Sql).Trim()}, {SqlName.Literal(context.History.LiveColumn(effect.Object.Name, column)).Trim()})" : SqlName.Literal(live.Sql).Trim();
        return new Verdict(name, $"restarts {(effect.Object.Kind == ObjectKind.Column ? "the sequence of" : "sequence")} {name}", "inserts fail with duplicate keys if its values are already in use", Remedy)
        {
            Question = new LiveQuestion(LiveFactKind.Sequence, live) { Sequence = new LiveSequence($"{sequence}::regclass", Start(context.Statement), "false") },
            HarmlessBecause = context.History.IsCreated(effect.Object.Name) ? "it was created by the same pending migrations" : null,
        };
    }

    private static Verdict SetValue(OutsideCall.Of call, StatementContext context)
    {
        var sequence = call.Arguments is [var first, ..] ? first : "";
        var name = Name(sequence) is { } literal ? context.Display(literal) : sequence.Length > 0 ? sequence : context.StatementName;
        return new Verdict(name, $"sets the value of sequence {name}", "inserts fail with duplicate keys if its values are already in use", Remedy)
        {
            Question = call.Arguments is [_, var value, ..] ? new LiveQuestion(LiveFactKind.Sequence, Name(sequence) ?? new RelationName(null, name) { IsDisplayed = true })
            {
                Sequence = new LiveSequence($"({sequence})::regclass", $"({value})::bigint", call.Arguments.Count > 2 ? $"({call.Arguments[2]})" : "true"),
            } : null,
            HarmlessBecause = Name(sequence) is { } made && context.History.IsCreated(made) ? "it was created by the same pending migrations" : null,
        };
    }

    /// <summary>Of a literal such as <c>'app.users_id_seq'::regclass</c>; null if it is none.</summary>
    private static RelationName? Name(string argument)
    {
        if (SqlSplitter.Split(argument) is not [{ Tokens: [{ Kind: SqlTokenKind.Text } text, ..] }] || SqlSplitter.Split(QuotedText.Literal(text)) is not [var inner])
            return null;
        return new TokenCursor(inner.Tokens).TakeRelation(null);
    }

    /// <summary>RESTART [WITH n]; null: where the sequence started.</summary>
    private static string? Start(SqlStatement statement)
    {
        var cursor = new TokenCursor(statement.Tokens);
        cursor.BackTo(cursor.Find("restart"));
        cursor.Take("restart");
        cursor.Take("with");
        var from = cursor.Position;
        if (cursor.Current is { Kind: SqlTokenKind.Operator })
            cursor.Skip();
        return cursor.Current is { Kind: SqlTokenKind.Number } ? cursor.Text(from, cursor.Position + 1) : null;
    }
}
