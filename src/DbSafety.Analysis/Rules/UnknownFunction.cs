using DbSafety.Analysis.Commands.Parsing;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Functions;

namespace DbSafety.Analysis.Rules;

/// <summary>A function is called whose effects are not known: it is neither PostgreSQL's own nor created by the same set, or it runs SQL that it is given as text.</summary>
internal sealed class UnknownFunction : IAnalysisRule
{
    public const string RuleId = "unknown-function";

    public string Id => RuleId;

    public FindingSeverity Severity => FindingSeverity.Opaque;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not OutsideCall.Of call)
            return null;
        var name = context.Display(call.Name);
        if (KnownFunctions.RunsText(call.Function.Name))
            return new Verdict(name, $"calls {name}, which runs SQL that is passed as text", "Use a static query; the rehearsal shows its effects.");
        // What those of the set do is reported where they are called.
        // Without a database the functions that definitions call cannot be read, and most of them only compute.
        if (IsKnown(call.Function) || (call.IsStored && !context.AsksDatabase) || context.Routines?.IsOfSet(call.Name) == true)
            return null;
        return new Verdict(name, $"calls function {name}, whose effects are not known", "Read the function; the rehearsal shows its effects.")
        {
            Question = new LiveQuestion(LiveFactKind.Routine, call.Name),
        };
    }

    private static bool IsKnown(FunctionCall call) =>
        KnownFunctions.IsHarmless(call) || KnownFunctions.ReachesOtherServers(call.Name) || KnownFunctions.DestructiveEffect(call.Name) is not null || KnownFunctions.ServerEffect(call.Name) is not null;
}
