using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>A table becomes a partition: an old one has all its rows checked, a new one is made under a lock on the partitioned table.</summary>
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
        return new Verdict(partition, $"makes {partition} a partition of {context.Display(table)}", "and checks all its rows",
            $"Give {partition} a CHECK that says what its bounds say first, NOT VALID and then validated: PostgreSQL then does not look again.")
        {
            Question = AttachPartition.Of(LiveFactKind.BoundsRead, attach, effect, context),
            HarmlessBecause = context.MadeHere(attach.Partition) ?? context.MadeHere(table),
        };
    }

    private static Verdict New(Command.CreateTable made, RelationName parent, StatementContext context)
    {
        var (name, table) = (context.Display(made.Name), context.Display(parent));
        return new Verdict(name, $"makes {name} as a partition of {table}", "and reads all rows of its default partition, if it has one",
            "Make it as a table of its own and attach it, which lets others go on:")
        {
            SafeSql = made.Bounds is { } bounds ? $"CREATE TABLE {name} (LIKE {table} INCLUDING ALL);\nALTER TABLE {table} ATTACH PARTITION {name} {bounds};" : null,
            HarmlessBecause = context.MadeHere(parent),
        };
    }
}
