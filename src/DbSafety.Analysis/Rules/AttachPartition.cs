using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;

namespace DbSafety.Analysis.Rules;

/// <summary>A table becomes a partition: it fails if a row is outside its bounds, or if the default partition contains a row within them.</summary>
internal sealed class AttachPartition : IAnalysisRule
{
    public const string RuleId = "attach-partition";

    public string Id => RuleId;

    public FindingSeverity Severity => FindingSeverity.MayFail;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not TableAction.AttachPartition attach || effect.Command is not Command.AlterTable { Kind: ObjectKind.Table })
            return null;
        var partition = context.Display(attach.Partition);
        var requires = attach.Bounds.Equals("default", StringComparison.OrdinalIgnoreCase) ? $"requires that no row of {partition} belongs to another partition of {context.Display(effect.Table)}"
            : $"requires every row of {partition}, and no row of the default partition of {context.Display(effect.Table)}, to match {attach.Bounds}";
        return new Verdict(partition, requires, "First move the rows that violate this.")
        {
            Question = Of(LiveFactKind.Bounds, attach, effect, context),
            HarmlessBecause = context.NewHere(attach.Partition),
        };
    }

    /// <param name="kind">Which rows stand in its way, or whether it must look at them.</param>
    public static LiveQuestion Of(LiveFactKind kind, TableAction.AttachPartition attach, Effect effect, StatementContext context) => new(kind, context.History.Live(attach.Partition))
    {
        Parent = context.History.Live(effect.Table),
        Condition = attach.Bounds,
        Proves = context.Proves(attach.Partition) && context.Proves(effect.Table),
    };
}
