using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis.Findings;

/// <summary>One rule: which effects it knows, and what it says of them. Found by reflection.</summary>
internal interface IAnalysisRule
{
    string Id { get; }

    FindingSeverity Severity { get; }

    /// <summary>It is asked after all others have spoken of the statement.</summary>
    bool SpeaksLast => false;

    /// <summary>Its messages begin with the locks of the effect.</summary>
    bool NamesLocks => Severity == FindingSeverity.Blocking;

    /// <summary>Null where the effect is none of its.</summary>
    Verdict? Judge(Effect effect, StatementContext context);
}
