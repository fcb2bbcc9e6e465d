using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>CASCADE drops columns, tables and views that the statement does not name.</summary>
internal sealed class DropCascade : IAnalysisRule
{
    public const string RuleId = "drop-cascade";

    public string Id => RuleId;

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is Command.DropOwned && context.Display(effect.Object) is var role)
            return new Verdict(role, $"drops everything that {role} owns", "Reassign the objects with REASSIGN OWNED BY, or drop them individually:") { SafeSql = $"REASSIGN OWNED BY {role} TO CURRENT_USER;" };
        if (effect.Cause is not Command.Drop { Cascades: true, Kind: ObjectKind.Type or ObjectKind.Domain or ObjectKind.Extension or ObjectKind.Collation } drop)
            return null;
        var name = context.Display(effect.Object);
        var kind = ObjectKinds.Words(drop.Kind);
        var types = context.History.Types;
        var isMade = drop.Kind is ObjectKind.Type or ObjectKind.Domain && types.IsOfSet(effect.Object.Name);
        IReadOnlyList<string> uses = isMade ? types.Uses.Of(effect.Object.Name) : [];
        var among = uses.Count == 0 ? "" : $": {string.Join(", ", uses)}";
        return new Verdict(name, $"drops {kind} {name} and, by CASCADE, every column that uses it{among}", "Drop the columns by name first, then drop this without CASCADE, so that PostgreSQL refuses while a column uses it:")
        {
            SafeSql = $"DROP {kind.ToUpperInvariant()} {name};",
            HarmlessBecause = isMade && uses.Count == 0 ? "it was created by the same pending migrations, and no existing column has its type" : null,
        };
    }
}
