using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Disables row-level security: all roles with privileges on the table can access all its rows.</summary>
internal sealed class DisableRowSecurity() : TableActionRule<TableAction.SwitchRowSecurity>("disable-row-security", FindingSeverity.Breaking)
{
    protected override Verdict? Judge(TableAction.SwitchRowSecurity action, RelationName table, StatementContext context) => action.IsEnabled ? null
        : new Verdict(context.Display(table), $"disables row-level security on {context.Display(table)}", "all roles with privileges on it can access all its rows", "Change the policies instead.");
}
