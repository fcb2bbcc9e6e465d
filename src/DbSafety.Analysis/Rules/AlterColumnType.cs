using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Locks the table against reads and writes, usually while it is rewritten.</summary>
internal sealed class AlterColumnType : IAnalysisRule
{
    public string Id => "alter-column-type";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    /// <summary>The way that keeps both: a column of the new type beside the old one.</summary>
    public static string NewColumn(RelationName table, TableAction.ChangeType change, StatementContext context) =>
        $"ALTER TABLE {context.Display(table)} ADD COLUMN {SqlName.Display(SqlName.WithSuffix(change.Column, "_new"))} {change.Type};";

    public Verdict? Judge(Effect effect, StatementContext context) => effect.Cause switch
    {
        TableAction.ChangeType change => Column(change, effect, context),
        ObjectAction.AlterAttribute { Cascades: true } change => Attribute(change, effect, context),
        _ => null,
    };

    private static Verdict Column(TableAction.ChangeType change, Effect effect, StatementContext context)
    {
        var (table, name) = (effect.Table, context.Display(effect.Object));
        return new Verdict(name, $"changes the type of {name} to {change.Type}",
            "Add a new column, fill it in batches, and switch to it.")
        {
            SafeSql = NewColumn(table, change, context),
            Question = Question(table, change, effect.Command, context),
            HarmlessBecause = context.CreatedHere(table),
        };
    }

    /// <summary>The live database does not have a column that the set has added to a table that was there, and the table has its rows: only the types say what happens.</summary>
    private static LiveQuestion? Question(RelationName table, TableAction.ChangeType change, Command alter, StatementContext context)
    {
        var question = TypeConversion.Question(LiveFactKind.Rewritten, table, change, alter, context);
        return context.History.IsAdded(table, change.Column) && !context.History.IsCreated(table) && question.TypeChange?.From is null ? null : question;
    }

    private static Verdict Attribute(ObjectAction.AlterAttribute change, Effect effect, StatementContext context)
    {
        var name = context.Display(effect.Object);
        return new Verdict(name, $"changes the type of {name} to {change.Type}", "Add a new attribute, fill it in batches, and switch to it.")
        {
            SafeSql = $"ALTER TYPE {context.Display(effect.Object.Name)} ADD ATTRIBUTE {SqlName.Display(SqlName.WithSuffix(change.Name, "_new"))} {change.Type} CASCADE;",
            HarmlessBecause = context.History.Types.IsOfSet(effect.Object.Name) ? "the type was created by the same pending migrations" : null,
        };
    }
}
