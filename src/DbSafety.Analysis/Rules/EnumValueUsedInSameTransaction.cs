using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>A value that was added to an enum cannot be used before the transaction that added it commits.</summary>
internal sealed class EnumValueUsedInSameTransaction : IAnalysisRule
{
    public string Id => "enum-value-used-in-same-transaction";

    public FindingSeverity Severity => FindingSeverity.MayFail;

    /// <summary>From this version, the values of a type that the same transaction created can be used at once.</summary>
    private const int NewTypesAllowed = 17;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        var script = context.Script;
        if (script.AddedLabels.Count == 0 || effect.Cause is ObjectAction or Command.Describe || context.InRoutine || ReferenceEquals(script.LabelUseIsSaidOf, context.Statement))
            return null;
        foreach (var token in Parsed(effect, context))
        {
            if (token.Kind != SqlTokenKind.Text || !script.AddedLabels.TryGetValue(QuotedText.Literal(token), out var type))
                continue;
            var isNew = script.IsCreatedType(type);
            if (isNew && context.ServerMajor >= NewTypesAllowed)
                continue;
            script.LabelUseIsSaidOf = context.Statement;
            var label = QuotedText.Literal(token);
            return new Verdict($"{context.Display(type)}.{SqlName.Display(label)}", $"uses '{label}', which the same transaction added to {context.Display(type)}: PostgreSQL{(isNew ? " before version 17" : "")} refuses that until it is committed",
                isNew ? "Specify all values in CREATE TYPE, or use the value in a later migration." : "Add the value in a separate migration, and use it in a later migration.");
        }

        return null;
    }

    /// <summary>PostgreSQL parses the body of a function in SQL when the function is created, and that of one in another language when it is called.</summary>
    private static IEnumerable<SqlToken> Parsed(Effect effect, StatementContext context) =>
        effect.Cause is Command.CreateObject { Kind: ObjectKind.Function or ObjectKind.Procedure } made && context.Statement.Contains("sql")
            ? context.Statement.Tokens.Concat(RoutineBody.Statements(context.Statement, made).SelectMany(s => s.Tokens)) : context.Statement.Tokens;
}
