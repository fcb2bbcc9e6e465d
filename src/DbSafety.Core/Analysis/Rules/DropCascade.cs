using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis.Rules;

/// <summary>CASCADE takes columns, tables and views along that the statement does not name.</summary>
internal sealed class DropCascade : IAnalysisRule
{
    public string Id => "drop-cascade";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        var name = context.Display(effect.Object);
        if (effect.Cause is Command.DropOwned)
            return new Verdict(name, $"drops everything that {name} owns", "Hand it over with REASSIGN OWNED BY, or drop it piece by piece.") { SafeSql = $"REASSIGN OWNED BY {name} TO CURRENT_USER;" };
        if (effect.Cause is not Command.Drop { Cascades: true, Kind: ObjectKind.Type or ObjectKind.Domain or ObjectKind.Extension or ObjectKind.Collation } drop)
            return null;
        var kind = ObjectKinds.Words(drop.Kind);
        return new Verdict(name, $"drops {kind} {name} and, by CASCADE, every column that uses it", "Drop the columns by name first, then this without CASCADE, so that PostgreSQL refuses while one is left:")
        {
            SafeSql = $"DROP {kind.ToUpperInvariant()} {name};",
            HarmlessBecause = drop.Kind is ObjectKind.Type or ObjectKind.Domain && context.History.Types.IsMade(effect.Object.Name) ? "it was made by the same pending migrations" : null,
        };
    }
}
