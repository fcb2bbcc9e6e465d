using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;

namespace DbSafety.Analysis.Rules;

/// <summary>Converts the values of a column to another type; values that are not preserved are lost.</summary>
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
        var question = TypeConversion.Question(LiveFactKind.Changed, table, change, effect.Command, context);
        var harmless = context.History.IsAdded(table, change.Column) ? "it was created by the same pending migrations"
            : change.Using is null && change.Type.Equals("text", StringComparison.OrdinalIgnoreCase) ? "text preserves every value"
            : TypeConversion.IsNewEnum(change.Type, context) && TypeConversion.IsPlainCast(change) ? "a cast to an enum preserves the value or fails" : null;
        var detail = harmless is null && LostDetail.Of(change.Type, change.Using is not null) is { } lost ? $"; values lose {lost}" : "";
        return new Verdict(name, $"converts {name} to {change.Type}{detail}", $"Add a new column, fill it, compare the values, and switch to it; drop {name} in a later release.")
        {
            SafeSql = AlterColumnType.NewColumn(table, change, context),
            // What is computed for a type that does not exist yet cannot be tried: every value counts.
            Question = question.TypeChange is { } asked ? question with { TypeChange = asked with { Detail = detail } } : question with { Kind = LiveFactKind.Values },
            HarmlessBecause = harmless,
        };
    }

    private static Verdict Attribute(ObjectAction.AlterAttribute change, Effect effect, StatementContext context)
    {
        var name = context.Display(effect.Object);
        return new Verdict(name, $"converts {name} to {change.Type} in every table OF that type", $"Add a new attribute, fill it, compare the values, and drop {name} in a later release.")
        {
            HarmlessBecause = context.History.Types.IsOfSet(effect.Object.Name) ? "the type was created by the same pending migrations" : null,
        };
    }
}
