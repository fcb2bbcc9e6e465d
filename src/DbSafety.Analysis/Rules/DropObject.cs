using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Drops an object that stores no rows here and has no separate rule.</summary>
internal sealed class DropObject : IAnalysisRule
{
    private static readonly ObjectKind[] Others =
    [
        ObjectKind.Table, ObjectKind.Schema, ObjectKind.Database, ObjectKind.MaterializedView, ObjectKind.View, ObjectKind.Index, ObjectKind.Type, ObjectKind.Domain,
        ObjectKind.Sequence, ObjectKind.Extension, ObjectKind.Function, ObjectKind.Procedure, ObjectKind.Aggregate, ObjectKind.Routine, ObjectKind.Trigger,
        ObjectKind.EventTrigger, ObjectKind.Policy,
    ];

    public string Id => "drop-object";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not Command.Drop drop || Others.Contains(drop.Kind))
            return null;
        var name = context.Display(effect.Object);
        return new Verdict(name, $"drops {ObjectKinds.Words(drop.Kind)} {name}", "queries and code that use it fail", "Make sure that nothing uses it; without CASCADE, PostgreSQL refuses while an object in the database depends on it.")
        {
            HarmlessBecause = context.CreatedHere(effect.Table),
        };
    }
}
