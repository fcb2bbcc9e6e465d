using DbSafety.Analysis;

namespace DbSafety.Migrations.Applying;

/// <summary>A part of a script that happens as a whole or not at all, as far as PostgreSQL can see to that.</summary>
/// <param name="Begin">How its transaction begins; null: its statements run outside of one, each by itself.</param>
/// <param name="First">1-based place of its first statement in the script.</param>
internal sealed record ScriptUnit(IReadOnlyList<SqlStatement> Statements, string? Begin, int First)
{
    public int Last => First + Statements.Count - 1;

    /// <summary>How many of its statements must come before the first query of its transaction.</summary>
    public int Preamble => ScriptPlan.PreambleOf(Statements);

    /// <summary>Outside of a transaction nobody counts what is written; what PostgreSQL keeps out of transactions (indexes, VACUUM) writes no rows.</summary>
    public bool MayWriteRows(int serverMajor) => Begin is null && !Statements.All(s => ScriptPlan.CannotBeInTransaction(s, serverMajor));

    public bool IsConcurrent => Begin is null && Statements.Any(ScriptPlan.IsConcurrent);
}
