using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>The locks of an effect that block writes or reads of existing tables, and until when they are held.</summary>
/// <param name="Taken">The strongest first; under the names that the live database has.</param>
/// <param name="Object">What the effect is about: a constraint or column decides which tables go along.</param>
/// <param name="InTransaction">They are held until the transaction ends, not only while the statement runs.</param>
internal sealed record LockClaim(IReadOnlyList<TableLock> Taken, SqlObject Object, bool InTransaction)
{
    /// <summary>In words, such as <c>ACCESS EXCLUSIVE on orders: blocks reads and writes until the transaction ends</c>.</summary>
    public required string Words { get; init; }

    /// <summary>What a finding about the lock is about: the first table that is named, or else what the effect is about.</summary>
    public required RelationName Named { get; init; }

    /// <summary>The same, as the live database calls it.</summary>
    public required RelationName NamedLive { get; init; }

    /// <summary>Null if no session waits.</summary>
    public static LockClaim? Of(Effect effect, StatementContext context)
    {
        var strong = effect.Locks.Where(t => t.StopsWriters && context.NewHere(t.Table) is null).ToList();
        if (strong.Count == 0)
            return null;
        var inTransaction = context.InBody || context.Script.MayBeInTransaction;
        var named = strong.Select(t => (t.Mode, Name: NameOf(t, effect, context)!)).Where(n => n.Name is not null).ToList();
        if (named.Count == 0)
            return null;
        var first = strong.Find(t => t.Reach == LockReach.Itself)?.Table ?? effect.Object.Name;
        return new LockClaim([.. strong.Select(t => t with { Table = context.History.Live(t.Table) })], effect.Object, inTransaction)
        {
            Named = first,
            NamedLive = context.History.Live(first),
            Words = In(named, inTransaction),
        };
    }

    /// <summary>Each table with its strongest lock, the strongest lock first.</summary>
    public static string In(IEnumerable<(LockMode Mode, string Name)> locks, bool inTransaction)
    {
        var strongest = locks.GroupBy(l => l.Name).Select(g => (Name: g.Key, Mode: g.Max(l => l.Mode)));
        var modes = strongest.GroupBy(l => l.Mode).OrderByDescending(g => g.Key).Select(g => $"{Word(g.Key)} on {Listed([.. g.Select(l => l.Name)])}: blocks {(g.Key == LockMode.AccessExclusive ? "reads and writes" : "writes")}");
        return $"{string.Join(", ", modes)} until the {(inTransaction ? "transaction" : "statement")} ends";
    }

    /// <summary>As in the PostgreSQL manual.</summary>
    public static string Word(LockMode mode) => mode switch
    {
        LockMode.AccessExclusive => "ACCESS EXCLUSIVE",
        LockMode.Exclusive => "EXCLUSIVE",
        LockMode.ShareRowExclusive => "SHARE ROW EXCLUSIVE",
        _ => "SHARE",
    };

    private static string Listed(List<string> names) => names.Count == 1 ? names[0] : $"{string.Join(", ", names[..^1])} and {names[^1]}";

    /// <summary>Describes tables that only the catalog shows; null if there are usually none.</summary>
    private static string? NameOf(TableLock taken, Effect effect, StatementContext context)
    {
        var name = context.Display(taken.Table);
        return taken.Reach switch
        {
            LockReach.Itself => name,
            LockReach.DefaultPartition => $"the default partition of {name}",
            LockReach.Table => $"the table of index {name}",
            LockReach.Typed => $"the tables of type {name}",
            LockReach.Users => $"the tables that use {name}",
            LockReach.Referring => $"the tables that reference {name}",
            LockReach.Indexes => $"the indexes of {name}",
            LockReach.Dependents when effect.Cause is Command.Reindex => $"the tables and indexes of {name}",
            LockReach.Dependents => $"what depends on {context.Display(effect.Object)}",
            LockReach.Parts when effect.Cause is TableAction.DropConstraint drop => Referenced(drop.Name, taken.Table, context),
            _ => null,
        };
    }

    private static string? Referenced(string constraint, RelationName table, StatementContext context) => context.History.Constraint(table, constraint) switch
    {
        null => "the table that it references, if it is a foreign key",
        { Referenced: { } referenced } => context.Display(referenced),
        _ => null,
    };
}
