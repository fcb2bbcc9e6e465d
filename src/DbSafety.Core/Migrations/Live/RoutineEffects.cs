using DbSafety.Analysis.Findings;

namespace DbSafety.Migrations.Live;

/// <summary>The effects of the body of a routine, or of the actions of a rule.</summary>
/// <param name="HarmlessBecause">Why only <paramref name="Does"/> is to be reported; null: what it does is not known.</param>
/// <param name="Computes">What PostgreSQL evaluates because of it.</param>
internal sealed record RoutineEffects(string? HarmlessBecause, IReadOnlyList<MigrationFinding> Does, IReadOnlyList<LiveComputed> Computes)
{
    public static RoutineEffects Unknown { get; } = new(null, [], []);

    /// <summary>Those of <see cref="Computes"/> that happen each time.</summary>
    public IReadOnlyList<LiveComputed> Certain { get; init; } = Computes;
}
