using DbSafety.Analysis.Scripts;

namespace DbSafety.Migrations.Applying.Scripts;

/// <summary>What a statement that runs outside of a transaction can leave behind when it is cut off.</summary>
internal enum AloneKind
{
    /// <summary>An index, which can be looked for: CREATE INDEX CONCURRENTLY and DROP INDEX CONCURRENTLY.</summary>
    Index,

    /// <summary>No change of data or definitions: VACUUM, REINDEX, CLUSTER. Running it again does no harm.</summary>
    Maintenance,

    /// <summary>Anything: a procedure or a DO block that commits, CREATE DATABASE. It is never run again without somebody having looked.</summary>
    Anything,
}

/// <summary>A part of a script that happens as a whole or not at all, as far as PostgreSQL can see to that.</summary>
/// <param name="Begin">How its transaction begins; null: it is one statement that runs outside of one.</param>
/// <param name="First">1-based place of its first statement in the script.</param>
internal sealed record ScriptUnit(IReadOnlyList<SqlStatement> Statements, string? Begin, int First)
{
    /// <summary>The script itself rolls its transaction back.</summary>
    public bool RollsBack { get; init; }

    /// <summary>Nothing of it stays, so it needs no mark, which it could not write either.</summary>
    public bool WritesNothing => RollsBack || (Begin is not null && (IsReadOnly(SqlSplitter.Split(Begin)) || IsReadOnly(Statements.Take(Preamble))));

    private static bool IsReadOnly(IEnumerable<SqlStatement> statements) =>
        statements.Any(s => Enumerable.Range(0, s.Tokens.Count - 1).Any(i => s.Tokens[i].Is("read") && s.Tokens[i + 1].Is("only")));

    public int Last => First + Statements.Count - 1;

    /// <summary>How many of its statements must come before the first query of its transaction.</summary>
    public int Preamble => ScriptPlan.PreambleOf(Statements);

    /// <summary>Outside of a transaction nobody counts what is written; what PostgreSQL keeps out of transactions (indexes, VACUUM) writes no rows.</summary>
    public bool MayWriteRows(int serverMajor) => Begin is null && !Statements.All(s => ScriptPlan.CannotBeInTransaction(s, serverMajor));

    public bool IsConcurrent => Begin is null && Statements.Any(ScriptPlan.IsConcurrent);

    public AloneKind Kind => Statements[0] switch
    {
        var s when ScriptPlan.IsConcurrent(s) && (s.StartsWith("create") || s.StartsWith("drop", "index")) => AloneKind.Index,
        var s when s.StartsWith("vacuum") || s.StartsWith("reindex") || s.StartsWith("cluster") => AloneKind.Maintenance,
        _ => AloneKind.Anything,
    };
}
