namespace DbSafety.Migrations.Outcomes;

/// <summary>What the catalog alone shows that PostgreSQL does with a statement.</summary>
/// <param name="RefusedBecause">Why it refuses the statement, in its own words; null where it does not.</param>
/// <param name="NothingBecause">Why it changes nothing; null where it does.</param>
internal sealed record Outcome(string? RefusedBecause, string? NothingBecause)
{
    public static Outcome Refused(string because) => new(because, null);

    public static Outcome Nothing(string because) => new(null, because);

    public static Outcome? RefusedIf(bool condition, string because) => condition ? Refused(because) : null;
}
