using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Enables row-level security: roles without a matching policy see no rows.</summary>
internal sealed class EnableRowSecurity() : TableActionRule<TableAction.SwitchRowSecurity>("enable-row-security", FindingSeverity.Breaking)
{
    protected override Verdict? Judge(TableAction.SwitchRowSecurity action, RelationName table, StatementContext context) => !action.IsEnabled ? null
        : new Verdict(context.Display(table), $"enables row-level security on {context.Display(table)}", "roles without a policy that allows them see no rows", "Create the policies first, in the same transaction.");
}
