namespace DbSafety.Migrations.Outcomes;

/// <summary>What the catalog shows that PostgreSQL does with a statement.</summary>
/// <param name="RefusedBecause">Why it refuses the statement, in its own words; null where it does not.</param>
/// <param name="NothingBecause">Why it changes nothing; null where it does.</param>
internal sealed record Outcome(string? RefusedBecause, string? NothingBecause)
{
    /// <summary>The rule that knows of such rows, where it refuses for rows that are there; null: it refuses whatever the rows are.</summary>
    public string? Rule { get; private init; }

    public static Outcome Refused(string because) => new(because, null);

    public static Outcome Nothing(string because) => new(null, because);

    public static Outcome? RefusedIf(bool condition, string because) => condition ? Refused(because) : null;

    public static Outcome RefusedByRows(string rule, string because) => new(because, null) { Rule = rule };
}
