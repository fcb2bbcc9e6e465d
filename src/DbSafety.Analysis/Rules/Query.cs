using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Reads rows; functions that it calls can do more.</summary>
internal sealed class Query() : InfoRule("query")
{
    protected override (string Object, string Does)? Describe(Effect effect, StatementContext context) =>
        effect.Cause is Command.Query && !context.InBody ? (context.StatementName, "reads rows") : effect.Cause is Command.Copy ? (context.Display(effect.Object), $"reads the rows of {context.Display(effect.Object)}") : null;
}
