using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Creates a table.</summary>
internal sealed class CreateTable() : InfoRule("create-table")
{
    protected override (string Object, string Does)? Describe(Effect effect, StatementContext context) =>
        effect.Cause is Command.CreateTable table ? (context.Display(table.Name), $"creates {ObjectKinds.Words(table.Kind)} {context.Display(table.Name)}") : null;
}
