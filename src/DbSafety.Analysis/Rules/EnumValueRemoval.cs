using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>PostgreSQL cannot remove a value from an enum: the type is created again under its name, without some of its values.</summary>
internal sealed class EnumValueRemoval : IAnalysisRule
{
    public string Id => "enum-value-removal";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is RowChange { Kind: RowChangeKind.Delete, Table.Name: "pg_enum" })
            return new Verdict("pg_enum", "deletes values of enums from the catalog", "rows that contain such a value can no longer be read", "Keep the values in the type, and reject them with a CHECK constraint.");
        if (Successor(effect, context) is not var (type, labels) || context.History.Types.Gone(type) is not { } old)
            return null;
        var name = context.Display(type);
        return new Verdict(name, $"re-creates enum {name} with the values {string.Join(", ", labels)}", "rows with other values make it fail, or lose them",
            "Keep the value in the type, and reject it with a CHECK constraint on the column; or change the rows to another value first.")
        {
            Question = new LiveQuestion(LiveFactKind.EnumLabels, old) { Condition = $"ARRAY[{string.Join(", ", labels.Select(l => SqlName.Literal(l).Trim()))}]::text[]" },
        };
    }

    /// <summary>The enum that comes to bear a name, with its values.</summary>
    private static (RelationName Type, IReadOnlyList<string> Labels)? Successor(Effect effect, StatementContext context) => effect.Cause switch
    {
        Command.CreateObject { Kind: ObjectKind.Type, Labels: { } labels } made => (made.Name, labels),
        ObjectAction.RenameTo rename when effect.Object.Kind == ObjectKind.Type && context.History.Types.Labels(effect.Object.Name) is { } labels => (effect.Object.Name with { Name = rename.Name }, labels),
        _ => null,
    };
}
