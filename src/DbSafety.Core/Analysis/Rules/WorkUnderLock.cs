using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis.Rules;

/// <summary>
/// Rows are worked through while a lock is held that was taken for a change of the catalog alone: others wait for all of it. Said once a script, at the
/// first statement that does it.
/// </summary>
internal sealed class WorkUnderLock : IAnalysisRule
{
    public string Id => "work-under-lock";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (context.InBody || !context.Script.MayBeInTransaction)
            return null;
        if (context.Script.HeldLock is not { } held)
        {
            Hold(effect, context);
            return null;
        }

        if (context.Script.WorkUnderLockIsSaid || held.Statement == context.Statement.Ordinal || WorksOn(effect, context.Statement) is not { } table || context.NewHere(table) is not null)
            return null;
        context.Script.WorkUnderLockIsSaid = true;
        var (name, locked) = (context.Display(table), context.Display(held.Table));
        return new Verdict(name, $"works through {name} while {locked} is locked since line {held.Line}; nobody can {(held.StopsReaders ? "read or write" : "write to")} {locked} until the transaction ends",
            "Put it into a migration of its own, which has a transaction of its own:")
        {
            SafeSql = (context.Statement.IsAbridged ? context.Statement.Excerpt : context.Statement.Text) + ";",
        };
    }

    /// <summary>Rows that are changed or checked; how many nobody knows. Those that ON CONFLICT … UPDATE meets are as many as are inserted.</summary>
    private static RelationName? WorksOn(Effect effect, SqlStatement statement) => effect.Cause switch
    {
        RowChange { Kind: not RowChangeKind.Insert } change when !statement.StartsWith("insert") => change.Table,
        TableAction.ValidateConstraint => effect.Table,
        _ => null,
    };

    /// <summary>What is dropped nobody waits for.</summary>
    private static void Hold(Effect effect, StatementContext context)
    {
        if (effect.Cause is Command.Drop)
            return;
        foreach (var taken in effect.Locks)
        {
            if (taken.StopsWriters && taken.Reach == LockReach.Itself && context.NewHere(taken.Table) is null)
                context.Script.HeldLock ??= new HeldLock(taken.Table, taken.StopsReaders, context.Statement.Ordinal, context.Statement.Line);
        }
    }
}
