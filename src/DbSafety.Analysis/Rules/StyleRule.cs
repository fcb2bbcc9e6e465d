using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>
/// Advice for designs, which is off unless it is chosen: nothing is lost, blocked or broken by what it reports. It has a verdict for each column or name of a statement.
/// </summary>
internal abstract class StyleRule(string id) : IAnalysisRule
{
    public string Id => id;

    public FindingSeverity Severity => FindingSeverity.Info;

    public Verdict? Judge(Effect effect, StatementContext context) => null;

    /// <param name="effects">All of one statement; at least one.</param>
    public abstract IEnumerable<Verdict> JudgeAll(IReadOnlyList<Effect> effects, StatementContext context);
}
