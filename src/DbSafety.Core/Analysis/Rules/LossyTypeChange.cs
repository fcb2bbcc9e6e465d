using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis.Rules;

/// <summary>A column's values are converted to another type; those that would not come back the same are lost.</summary>
internal sealed class LossyTypeChange : IAnalysisRule
{
    public string Id => "lossy-type-change";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is ObjectAction.AlterAttribute { Cascades: true } attribute)
            return Attribute(attribute, effect, context);
        if (effect.Cause is not TableAction.ChangeType change || effect.Command is not Command.AlterTable { Kind: not ObjectKind.View })
            return null;
        var (table, name) = (effect.Table, context.Display(effect.Object));
        return new Verdict(name, $"converts {name} to {change.Type}", $"Add a new column, fill it, look at the difference, and switch over to it; drop {name} in a later release.")
        {
            SafeSql = AlterColumnType.NewColumn(table, change, context),
            // What is computed anew for a type that is not there yet cannot be tried: every value counts.
            Question = TypeConversion.Question(LiveFactKind.Changed, table, change, effect.Command, context) is var question && question.TypeChange is null ? question with { Kind = LiveFactKind.Values } : question,
            HarmlessBecause = context.History.IsAdded(table, change.Column) ? "it was made by the same pending migrations"
                : change.Using is null && change.Type.Equals("text", StringComparison.OrdinalIgnoreCase) ? "text holds every value as it is written"
                : TypeConversion.IsNewEnum(change.Type, context) && TypeConversion.IsPlainCast(change) ? "an enum takes a value as it is, or the statement fails" : null,
        };
    }

    private static Verdict Attribute(ObjectAction.AlterAttribute change, Effect effect, StatementContext context)
    {
        var name = context.Display(effect.Object);
        return new Verdict(name, $"converts {name} to {change.Type} in every table OF that type", $"Add a new attribute, fill it, look at the difference, and drop {name} in a later release.")
        {
            HarmlessBecause = context.History.Types.IsMade(effect.Object.Name) ? "the type was made by the same pending migrations" : null,
        };
    }
}
