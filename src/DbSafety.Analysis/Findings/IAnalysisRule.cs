using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis.Findings;

/// <summary>A rule: the effects that it reports, and how. Found by reflection.</summary>
internal interface IAnalysisRule
{
    string Id { get; }

    FindingSeverity Severity { get; }

    /// <summary>It is called after all other rules for the statement.</summary>
    bool SpeaksLast => false;

    /// <summary>Its messages begin with the locks of the effect.</summary>
    bool NamesLocks => Severity == FindingSeverity.Blocking;

    /// <summary>Null if the rule does not apply to the effect.</summary>
    Verdict? Judge(Effect effect, StatementContext context);
}
