using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>A table becomes a partition: all rows of an existing table are checked; a new partition is created under a lock on the partitioned table.</summary>
internal sealed class AttachPartitionBlocking : IAnalysisRule
{
    public string Id => "attach-partition-blocking";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public Verdict? Judge(Effect effect, StatementContext context) => (effect.Cause, effect.Command) switch
    {
        (TableAction.AttachPartition attach, Command.AlterTable { Kind: not ObjectKind.Index }) => Old(attach, effect, context),
        (Command.CreateTable { Parent: { } parent } table, _) => New(table, parent, context),
        _ => null,
    };

    private static Verdict Old(TableAction.AttachPartition attach, Effect effect, StatementContext context)
    {
        var table = effect.Table;
        var partition = context.Display(attach.Partition);
        return new Verdict(partition, $"attaches {partition} as a partition of {context.Display(table)}", "and checks every row of it",
            $"First add a CHECK constraint to {partition} that implies its bounds (with key IS NOT NULL, unless the column is NOT NULL), with NOT VALID, and validate it: PostgreSQL then does not check the rows of {partition} again.")
        {
            Question = AttachPartition.Of(LiveFactKind.BoundsRead, attach, effect, context),
            HarmlessBecause = context.CreatedHere(attach.Partition) ?? context.CreatedHere(table),
        };
    }

    private static Verdict New(Command.CreateTable made, RelationName parent, StatementContext context)
    {
        var (name, table) = (context.Display(made.Name), context.Display(parent));
        return new Verdict(name, $"creates {name} as a partition of {table}", "and reads every row of the default partition, if there is one",
            $"Create it as a separate table and attach it, which takes a weaker lock on {table}:")
        {
            // In PostgreSQL 17 and later, a table with an identity column cannot be attached.
            SafeSql = made.Bounds is { } bounds ? $"CREATE TABLE {name} (LIKE {table} INCLUDING ALL EXCLUDING IDENTITY);\nALTER TABLE {table} ATTACH PARTITION {name} {bounds};" : null,
            HarmlessBecause = context.CreatedHere(parent),
        };
    }
}
