using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Analysis.Rules;

/// <summary>A rule deletes rows when another statement runs.</summary>
internal sealed class RuleDeletes : IAnalysisRule
{
    public string Id => "rule-deletes";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not Command.CreateObject { Kind: ObjectKind.Rule, On: { } on } || RuleActions.Of(context.Statement) is not { Deletes: true } rule)
            return null;
        // DELETE that becomes another DELETE deletes what was meant.
        return rule is { Event: "delete", IsInstead: true } ? null
            : new Verdict(context.Display(on), $"creates a rule on {context.Display(on)}", $"each {rule.Event.ToUpperInvariant()} on it deletes rows", "Use a trigger that checks what it deletes, or a foreign key with ON DELETE CASCADE.");
    }
}
