using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Drops a database.</summary>
internal sealed class DropDatabase : IAnalysisRule
{
    public string Id => "drop-database";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public Verdict? Judge(Effect effect, StatementContext context) =>
        effect.Cause is Command.Drop { Kind: ObjectKind.Database } && context.Display(effect.Object) is var name
            ? new Verdict(name, $"drops database {name} and everything in it", "Remove this statement from the migration.")
            : null;
}
