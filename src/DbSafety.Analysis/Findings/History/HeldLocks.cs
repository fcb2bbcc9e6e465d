using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings.History;

/// <summary>The tables that were there before and that one transaction has locked against writers or readers, up to here.</summary>
internal sealed class HeldLocks
{
    /// <summary>Of more than that, the first are named.</summary>
    private const int Most = 8;

    private readonly List<(RelationName Table, LockMode Mode)> locks = [];
    private bool hasMore;

    /// <summary>The ordinal of the statement that took the first of them; 0 if there is none.</summary>
    public int Statement { get; private set; }

    /// <summary>Its line.</summary>
    public int Line { get; private set; }

    public void Clear()
    {
        locks.Clear();
        (Statement, Line, hasMore) = (0, 0, false);
    }

    public void Add(RelationName table, LockMode mode, SqlStatement statement)
    {
        var at = locks.FindIndex(l => l.Table == table);
        if (at >= 0)
            locks[at] = (table, (LockMode)Math.Max((int)locks[at].Mode, (int)mode));
        else if (locks.Count < Most)
            locks.Add((table, mode));
        else
            hasMore = true;
        if (Statement == 0)
            (Statement, Line) = (statement.Ordinal, statement.Line);
    }

    public IEnumerable<(LockMode Mode, RelationName Table)> All => locks.Select(l => (l.Mode, l.Table));

    public bool Has(RelationName table) => locks.Exists(l => l.Table == table);

    /// <summary>There are others beside those in <see cref="All"/>.</summary>
    public bool HasMore => hasMore;
}
