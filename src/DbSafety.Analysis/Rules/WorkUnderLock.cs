using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>
/// Rows are read or written while the transaction holds a strong lock that an earlier statement acquired, on any table: other sessions wait until it ends. Reported
/// once for each transaction, at the first such statement.
/// </summary>
internal sealed class WorkUnderLock : IAnalysisRule
{
    public string Id => "work-under-lock";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public bool NamesLocks => false;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (context.InBody || !context.Script.MayBeInTransaction)
            return null;
        var held = context.Script.Held;
        var verdict = held.Statement == 0 || held.Statement == context.Statement.Ordinal || context.Script.WorkUnderLockIsSaid || Work(effect, context) is not { } work ? null
            : Verdict(work, held, context) with { Question = Rewritten(effect, context) };
        context.Script.WorkUnderLockIsSaid |= verdict is not null;
        foreach (var one in Inside(effect, context))
            Hold(one, context);
        return verdict;
    }

    private static Verdict Verdict((string What, string Object) work, HeldLocks held, StatementContext context)
    {
        var locks = LockClaim.In(held.All.Select(l => (l.Mode, context.Display(l.Table))), inTransaction: true);
        return new Verdict(work.Object, $"{locks}; acquired{(held.HasMore ? ", like others," : "")} in line {held.Line}, before this statement {work.What}", "Move it to a separate migration, which has its own transaction:")
        {
            SafeSql = (context.Statement.IsAbridged ? context.Statement.Excerpt : context.Statement.Text) + ";",
        };
    }

    /// <summary>Work whose time depends on the number of rows, on existing tables.</summary>
    private static (string What, string Object)? Work(Effect effect, StatementContext context)
    {
        switch (effect.Cause)
        {
            case RowChange { Kind: RowChangeKind.Insert } or Command.Query or Command.CreateTable or Command.CreateObject { Kind: ObjectKind.MaterializedView }:
                if (ReferenceEquals(context.Script.LastRead, context.Statement))
                    return null;
                context.Script.LastRead = context.Statement;
                var read = OutsideEffects.From(context.Statement, effect.Command) is null ? null : ReadTables.Of(context.Statement, context.Script.SearchPath.Schema).FirstOrDefault(t => IsOld(t, context));
                return read is null ? null : ($"reads rows of {context.Display(read)}", context.Display(read));
            // ON CONFLICT … UPDATE updates at most as many rows as are inserted.
            case RowChange change when !context.Statement.StartsWith("insert") && IsOld(change.Table, context):
                return ($"changes rows of {context.Display(change.Table)}", context.Display(change.Table));
            case Command.Copy copy when IsOld(copy.Table, context):
                return ($"reads rows of {context.Display(copy.Table)}", context.Display(copy.Table));
            case Command.Call call:
                return ($"calls procedure {context.Display(call.Procedure)}", context.StatementName);
            case Command.Transaction { Word: "prepare" }:
                return ("leaves the transaction prepared, which holds them until COMMIT PREPARED or ROLLBACK PREPARED", context.StatementName);
            case Command.DoBlock:
                return Block(effect, context);
            case Command.Analyze or Command.Vacuum:
            case TableAction.SetNotNull set when context.History.IsProvenNotNull(effect.Table, set.Column):
                return null;
        }

        return effect.Locks.FirstOrDefault(t => t.Reach == LockReach.Itself && t.Work >= TableWork.Scan && IsOld(t.Table, context)) is not { } long_ ? null
            : ($"{(long_.Work switch { TableWork.Scan => "reads every row of", TableWork.Build => "builds an index on", _ => "rewrites" })} {context.Display(long_.Table)}", context.Display(long_.Table));
    }

    /// <summary>A block that only changes the catalog is fast; a block with a loop, or with static statements that process rows, is not.</summary>
    private static (string What, string Object)? Block(Effect effect, StatementContext context)
    {
        foreach (var inner in RoutineBody.Statements(context.Statement, effect.Command))
        {
            var isLoop = inner.StartsWith("for") || inner.StartsWith("foreach") || inner.StartsWith("while") || inner.StartsWith("loop");
            if (isLoop || EffectReader.Read(CommandParser.ParseInBody(inner, context.Script.SearchPath.Schema)).Exists(e => Work(e, context with { Statement = inner }) is not null))
                return ("runs a DO block", context.StatementName);
        }

        return null;
    }

    private static bool IsOld(RelationName table, StatementContext context) => context.NewHere(table) is null && !context.History.IsCreatedIndex(table);

    /// <summary>A change of type may not rewrite the table.</summary>
    private static LiveQuestion? Rewritten(Effect effect, StatementContext context) => effect.Cause is not TableAction.ChangeType change ? null
        : new LiveQuestion(LiveFactKind.Rewritten, context.History.Live(effect.Table))
        {
            Column = context.History.LiveColumn(effect.Table, change.Column),
            Condition = change.Using is null && !change.Collates ? change.Type : null,
        };

    private static IEnumerable<Effect> Inside(Effect effect, StatementContext context) => effect.Cause is not Command.DoBlock ? [effect]
        : RoutineBody.Statements(context.Statement, effect.Command).SelectMany(inner => EffectReader.Read(CommandParser.ParseInBody(inner, context.Script.SearchPath.Schema)));

    /// <summary>No session waits for a dropped object.</summary>
    private static void Hold(Effect effect, StatementContext context)
    {
        if (effect.Cause is Command.Drop { On: null })
            return;
        foreach (var taken in effect.Locks)
        {
            if (taken.StopsWriters && taken.Reach == LockReach.Itself && IsOld(taken.Table, context))
                context.Script.Held.Add(taken.Table, taken.Mode, context.Statement);
        }
    }
}
