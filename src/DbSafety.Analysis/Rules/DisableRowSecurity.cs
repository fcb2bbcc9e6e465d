using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Row security is switched off: everybody who may read the table reads all of it.</summary>
internal sealed class DisableRowSecurity() : TableActionRule<TableAction.SwitchRowSecurity>("disable-row-security", FindingSeverity.Breaking)
{
    protected override Verdict? Judge(TableAction.SwitchRowSecurity action, RelationName table, StatementContext context) => action.IsEnabled ? null
        : new Verdict(context.Display(table), $"switches row security of {context.Display(table)} off", "all its rows can be seen by everyone with a right to it", "Change the policies instead.");
}
