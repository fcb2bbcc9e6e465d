using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Inserts rows.</summary>
internal sealed class Insert() : InfoRule("insert")
{
    protected override (string Object, string Does)? Describe(Effect effect, StatementContext context) =>
        effect.Cause is RowChange { Kind: RowChangeKind.Insert } change ? (context.Display(change.Table), $"inserts rows into {context.Display(change.Table)}") : null;
}
