using DbSafety.Analysis.Scripts;

namespace DbSafety.Migrations.Applying.Scripts;

/// <summary>What can remain of a statement that runs outside a transaction if it is interrupted.</summary>
internal enum AloneKind
{
    /// <summary>An index, whose existence can be checked: CREATE INDEX CONCURRENTLY and DROP INDEX CONCURRENTLY.</summary>
    Index,

    /// <summary>No change of data or definitions: VACUUM, REINDEX, CLUSTER. Running it again does no harm.</summary>
    Maintenance,

    /// <summary>Anything: a procedure or a DO block that commits, CREATE DATABASE. It is never run again before a user has checked its effects.</summary>
    Anything,
}

/// <summary>A part of a script that is atomic, as far as PostgreSQL supports it.</summary>
/// <param name="Begin">The command that begins its transaction; null: it is a single statement that runs outside a transaction.</param>
/// <param name="First">1-based place of its first statement in the script.</param>
internal sealed record ScriptUnit(IReadOnlyList<SqlStatement> Statements, string? Begin, int First)
{
    /// <summary>The script itself rolls its transaction back.</summary>
    public bool RollsBack { get; init; }

    /// <summary>It has no permanent effect, so it needs no mark, and could not write one.</summary>
    public bool WritesNothing => RollsBack || (Begin is not null && (IsReadOnly(SqlSplitter.Split(Begin)) || IsReadOnly(Statements.Take(Preamble))));

    private static bool IsReadOnly(IEnumerable<SqlStatement> statements) =>
        statements.Any(s => Enumerable.Range(0, s.Tokens.Count - 1).Any(i => s.Tokens[i].Is("read") && s.Tokens[i + 1].Is("only")));

    public int Last => First + Statements.Count - 1;

    /// <summary>How many of its statements must come before the first query of its transaction.</summary>
    public int Preamble => ScriptPlan.PreambleOf(Statements);

    /// <summary>Outside a transaction, written rows are not counted; statements that cannot run in a transaction block (indexes, VACUUM) write no rows.</summary>
    public bool MayWriteRows(int serverMajor) => Begin is null && !Statements.All(s => ScriptPlan.CannotBeInTransaction(s, serverMajor));

    public bool IsConcurrent => Begin is null && Statements.Any(ScriptPlan.IsConcurrent);

    public AloneKind Kind => Statements[0] switch
    {
        var s when ScriptPlan.IsConcurrent(s) && (s.StartsWith("create") || s.StartsWith("drop", "index")) => AloneKind.Index,
        var s when s.StartsWith("vacuum") || s.StartsWith("reindex") || s.StartsWith("cluster") => AloneKind.Maintenance,
        _ => AloneKind.Anything,
    };
}
