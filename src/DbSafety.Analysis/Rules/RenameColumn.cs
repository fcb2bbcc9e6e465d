using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Renames a column, and queries that use the old name fail at once.</summary>
internal sealed class RenameColumn : IAnalysisRule
{
    public string Id => "rename-column";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        var renamed = effect.Cause switch
        {
            TableAction.RenameColumn column => column.Name,
            ObjectAction.RenameAttribute attribute => attribute.NewName,
            _ => null,
        };
        if (renamed is null || effect.Object.Part is not { } old)
            return null;
        var (name, to) = (context.Display(effect.Object), SqlName.Display(renamed));
        return new Verdict(name, $"renames {name} to {to}", "queries that use the old name fail", $"Add {to} as a new column, write both, change the code that reads it, and drop {name} in a later release.")
        {
            HarmlessBecause = context.History.IsAdded(effect.Table, old) ? "it was created by the same pending migrations" : null,
        };
    }
}
