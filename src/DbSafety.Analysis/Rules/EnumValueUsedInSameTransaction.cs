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

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (context.Script.AddedLabels.Count == 0 || effect.Cause is ObjectAction.AddValue or Command.Describe || context.InBody
            || context.Script.LabelUseIsSaidOf == context.Statement.Ordinal)
            return null;
        foreach (var token in context.Statement.Tokens)
        {
            if (token.Kind != SqlTokenKind.Text || !context.Script.AddedLabels.TryGetValue(QuotedText.Literal(token), out var type))
                continue;
            context.Script.LabelUseIsSaidOf = context.Statement.Ordinal;
            var label = QuotedText.Literal(token);
            return new Verdict($"{context.Display(type)}.{SqlName.Display(label)}", $"uses '{label}', which the same transaction added to {context.Display(type)}: PostgreSQL refuses that until it is committed",
                "Add the value in a separate migration, and use it in a later migration.");
        }

        return null;
    }
}
