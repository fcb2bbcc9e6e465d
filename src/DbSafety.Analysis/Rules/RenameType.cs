using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>A type or domain gets another name or schema: casts, functions and clients that use the old name fail.</summary>
internal sealed class RenameType : IAnalysisRule
{
    public string Id => "rename-type";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Object.Kind is not (ObjectKind.Type or ObjectKind.Domain))
            return null;
        var to = effect.Cause switch
        {
            ObjectAction.RenameTo rename => SqlName.Display(rename.Name),
            ObjectAction.SetSchema move => SqlName.Display(move.Schema, effect.Object.Name.Name),
            _ => null,
        };
        if (to is null)
            return null;
        var name = context.Display(effect.Object);
        return new Verdict(name, $"renames type {name} to {to}", "casts, functions and clients that use the old name fail", "Deploy a release that does not use its name first; columns of the type need no change.")
        {
            HarmlessBecause = context.History.Types.IsOfSet(effect.Object.Name) ? "it was created by the same pending migrations" : null,
        };
    }
}
