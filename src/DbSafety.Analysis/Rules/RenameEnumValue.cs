using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Renames a value of an enum: rows show the new value at once, and code that writes the old value fails.</summary>
internal sealed class RenameEnumValue : IAnalysisRule
{
    public string Id => "rename-enum-value";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not ObjectAction.RenameValue rename)
            return null;
        var name = context.Display(effect.Object);
        return new Verdict(name, $"renames '{rename.Label}' of {context.Display(effect.Object.Name)} to '{rename.NewLabel}'", "code that reads or writes the old value fails", "Add the new value, and change code and rows to it in later releases:")
        {
            SafeSql = $"ALTER TYPE {context.Display(effect.Object.Name)} ADD VALUE {SqlName.Literal(rename.NewLabel).Trim()};",
            HarmlessBecause = context.History.Types.IsOfSet(effect.Object.Name) ? "the type was created by the same pending migrations" : null,
        };
    }
}
