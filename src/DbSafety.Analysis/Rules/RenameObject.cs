using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Renames an object other than a table, column or type, or moves it to another schema.</summary>
internal sealed class RenameObject : IAnalysisRule
{
    public string Id => "rename-object";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Object.Kind is ObjectKind.Table or ObjectKind.ForeignTable or ObjectKind.Type or ObjectKind.Domain)
            return null;
        var to = effect.Cause switch
        {
            TableAction.RenameTo rename => SqlName.Display(rename.Name),
            TableAction.RenameConstraint rename => SqlName.Display(rename.Name),
            TableAction.SetSchema move => "schema " + SqlName.Display(move.Schema),
            ObjectAction.RenameTo rename => SqlName.Display(rename.Name),
            ObjectAction.SetSchema move => "schema " + SqlName.Display(move.Schema),
            _ => null,
        };
        if (to is null)
            return null;
        var (kind, name) = (ObjectKinds.Words(effect.Object.Kind), context.Display(effect.Object));
        return new Verdict(name, $"renames {kind} {name} to {to}", "code that uses the old name fails", effect.Object.Kind == ObjectKind.Sequence
                ? "Change the code that names it (nextval, setval) in the same release; defaults of columns refer to the sequence itself. A second sequence would return the same values again."
                : $"Create a second object with the new name, and drop {name} in a later release.")
        {
            HarmlessBecause = context.CreatedHere(effect.Table)
                ?? (effect.Object.Kind is ObjectKind.Index or ObjectKind.Constraint or ObjectKind.Trigger or ObjectKind.Policy or ObjectKind.Rule ? "queries do not name it" : null),
        };
    }
}
