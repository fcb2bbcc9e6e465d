using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Renames a table or moves it to another schema, and queries that use the old name fail at once.</summary>
internal sealed class RenameTable : IAnalysisRule
{
    public string Id => "rename-table";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Object.Kind is not (ObjectKind.Table or ObjectKind.ForeignTable) || NewName(effect) is not { } renamed)
            return null;
        var (name, to) = (context.Display(effect.Object), renamed.Display(context.DefaultSchema));
        return new Verdict(name, $"renames {name} to {to}", "queries that use the old name fail", "Create an updatable view with the old name in the same transaction, and grant the privileges of the table on it:")
        {
            SafeSql = $"BEGIN;\n{context.Statement.Text};\nCREATE VIEW {name} AS SELECT * FROM {to};\nCOMMIT;",
            HarmlessBecause = context.CreatedHere(effect.Table) ?? (IsViewOf(renamed, effect.Table, context) ? "the same transaction creates an updatable view with the old name" : null),
        };
    }

    /// <summary>The next statement is <c>CREATE VIEW old AS SELECT * FROM new</c>.</summary>
    private static bool IsViewOf(RelationName renamed, RelationName old, StatementContext context)
    {
        if (context.Next is not { } next || !context.Script.MayBeInTransaction || CommandParser.Parse(next, context.Script.SearchPath.Schema) is not Command.CreateObject { Kind: ObjectKind.View, IsTemporary: false } view || view.Name != old)
            return false;
        var cursor = new TokenCursor(next.Tokens);
        cursor.BackTo(cursor.Find("as"));
        if (!cursor.Take("as", "select") || cursor.Current?.IsOperator("*") != true)
            return false;
        cursor.Skip();
        return cursor.Take("from") && cursor.TakeRelation(context.Script.SearchPath.Schema) == renamed && cursor.AtEnd;
    }

    private static RelationName? NewName(Effect effect) => effect.Cause switch
    {
        TableAction.RenameTo rename => effect.Table with { Name = rename.Name },
        TableAction.SetSchema move => effect.Table with { Schema = move.Schema },
        _ => null,
    };
}
