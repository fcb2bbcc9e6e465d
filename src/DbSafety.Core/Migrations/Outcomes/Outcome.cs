namespace DbSafety.Migrations.Outcomes;

/// <summary>What PostgreSQL does with a statement according to the catalog.</summary>
/// <param name="RefusedBecause">Why PostgreSQL rejects the statement, as PostgreSQL's message; null if it does not.</param>
/// <param name="NothingBecause">Why it changes nothing; null if it changes something.</param>
internal sealed record Outcome(string? RefusedBecause, string? NothingBecause)
{
    /// <summary>The rule about such rows, if existing rows are the reason; null: PostgreSQL rejects the statement regardless of the rows.</summary>
    public string? Rule { get; private init; }

    public static Outcome Refused(string because) => new(because, null);

    public static Outcome Nothing(string because) => new(null, because);

    public static Outcome? RefusedIf(bool condition, string because) => condition ? Refused(because) : null;

    public static Outcome RefusedByRows(string rule, string because) => new(because, null) { Rule = rule };
}
