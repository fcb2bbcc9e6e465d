using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Analysis.Rules;

/// <summary>A rule replaces statements with others, or with nothing: the application's writes are not stored as written.</summary>
internal sealed class RuleInstead : IAnalysisRule
{
    public string Id => "rule-instead";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not Command.CreateObject { Kind: ObjectKind.Rule, On: { } on } || RuleActions.Of(context.Statement) is not { IsInstead: true, Event: not "select" } rule)
            return null;
        return new Verdict(context.Display(on), $"creates a rule on {context.Display(on)}", $"{rule.Event.ToUpperInvariant()} on it runs the actions of the rule instead, or nothing", "Use a trigger, or a CHECK constraint that rejects what must not be written.")
        {
            HarmlessBecause = context.CreatedHere(on) ?? (context.History.IsCreatedIndex(on) ? "it was created by the same pending migrations" : null),
        };
    }
}
