using DbSafety.Analysis.Findings;

namespace DbSafety.Migrations.Applying;

/// <summary>The losses that the gate accepted.</summary>
/// <param name="All">Everything (<c>--allow-all</c>).</param>
/// <param name="Findings">Losses that were allowed one by one.</param>
/// <param name="Harmless">Destructive statements whose severity was lowered because there is no data to lose.</param>
internal sealed record Allowances(bool All, IReadOnlyList<MigrationFinding> Findings, IReadOnlyList<MigrationFinding> Harmless);
