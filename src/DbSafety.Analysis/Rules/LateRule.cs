using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>A rule about more than one statement: its findings come at the end of a script or of the set, or from the live database.</summary>
internal abstract class LateRule(string id, FindingSeverity severity) : IAnalysisRule
{
    public string Id => id;

    public FindingSeverity Severity => severity;

    public Verdict? Judge(Effect effect, StatementContext context) => null;
}
