using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Drops a schema; with CASCADE, everything in it.</summary>
internal sealed class DropSchema : IAnalysisRule
{
    public string Id => "drop-schema";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not Command.Drop { Kind: ObjectKind.Schema } drop)
            return null;
        var name = SqlName.Display(effect.Object.Name.Name);
        // Types of the set are followed by name, what was there before by the statement that moved it.
        string[] uses = drop.Cascades ? [.. context.History.Uses.Of(effect.Object.Name.Name).Union(context.Script.SearchPath.Searches(effect.Object.Name.Name) ? context.History.Uses.Of(SchemaUses.OfPath) : []).Union(context.History.Types.Uses.In(effect.Object.Name.Name)).Union(context.History.LiveBelowSchema(effect.Object.Name.Name).Select(t => $"table {context.Display(t)}")).Order(StringComparer.Ordinal)] : [];
        var among = uses.Length == 0 ? "" : $" and, by CASCADE, what earlier statements move to it or make depend on it: {string.Join(", ", uses)}";
        return new Verdict(name, $"drops schema {name}{among}", $"Drop the objects in {name} individually, so that each is reported and allowed; then drop the empty schema without CASCADE:")
        {
            SafeSql = $"DROP SCHEMA {name} RESTRICT;",
            Question = uses.Length > 0 ? null : new LiveQuestion(LiveFactKind.SchemaRows, effect.Object.Name) { Without = context.History.Uses.MovedOutOf(effect.Object.Name.Name) },
            HarmlessBecause = drop.Cascades ? null : "without CASCADE PostgreSQL drops a schema only when it is empty",
        };
    }
}
