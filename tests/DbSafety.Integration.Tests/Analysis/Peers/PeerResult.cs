using DbSafety.Analysis.Findings;

namespace DbSafety.Integration.Tests.Analysis.Peers;

internal enum PeerOutcome
{
    /// <summary>Theirs reports it, and ours does.</summary>
    Covered,

    /// <summary>Theirs does not report it, and ours does not.</summary>
    Clean,

    /// <summary>There is no such rule here.</summary>
    NoRule,

    Different,
}

/// <summary>What became of one input.</summary>
/// <param name="Difference">In words; null where there is none.</param>
internal sealed record PeerResult(PeerInput Input, PeerOutcome Outcome, string? Difference, IReadOnlyList<MigrationFinding> Findings);
