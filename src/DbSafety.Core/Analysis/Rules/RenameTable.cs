using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis.Rules;

/// <summary>A table gets another name or schema, and code that uses the old one fails at once.</summary>
internal sealed class RenameTable : IAnalysisRule
{
    public string Id => "rename-table";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Object.Kind is not (ObjectKind.Table or ObjectKind.ForeignTable) || NewName(effect) is not { } renamed)
            return null;
        var (name, to) = (context.Display(effect.Object), renamed.Display(context.DefaultSchema));
        return new Verdict(name, $"renames {name} to {to}", "code that uses the old name fails", "Ship it together with a view of the old name, in one transaction:")
        {
            SafeSql = $"CREATE VIEW {to} AS SELECT * FROM {name};",
            HarmlessBecause = context.MadeHere(effect.Table),
        };
    }

    private static RelationName? NewName(Effect effect) => effect.Cause switch
    {
        TableAction.RenameTo rename => effect.Table with { Name = rename.Name },
        TableAction.SetSchema move => effect.Table with { Schema = move.Schema },
        _ => null,
    };
}
