using DbSafety.Analysis.Findings;

namespace DbSafety.Migrations.Applying;

/// <summary>What the gate let through.</summary>
/// <param name="All">Everything (<c>--allow-all</c>).</param>
/// <param name="Findings">Losses that were allowed one by one.</param>
/// <param name="Harmless">Destructive by their kind, lowered because nothing is there to lose.</param>
internal sealed record Allowances(bool All, IReadOnlyList<MigrationFinding> Findings, IReadOnlyList<MigrationFinding> Harmless);
