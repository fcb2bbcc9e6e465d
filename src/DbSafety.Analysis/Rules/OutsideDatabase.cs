using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Something changes that is shared by all databases of the server, or is on another server: roles, tablespaces, databases, the configuration, subscriptions.</summary>
internal sealed class OutsideDatabase : IAnalysisRule
{
    private static readonly ObjectKind[] Kinds = [ObjectKind.Role, ObjectKind.Tablespace, ObjectKind.Database, ObjectKind.System, ObjectKind.Subscription];

    public string Id => "outside-database";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        var verb = effect.Cause switch
        {
            Command.CreateObject made when Kinds.Contains(made.Kind) => "creates",
            Command.Drop drop when Kinds.Contains(drop.Kind) => "drops",
            Command.Privileges { Kind: ObjectKind.Role or ObjectKind.Tablespace or ObjectKind.Parameter } privileges => privileges.IsRevoke ? "revokes privileges on" : "grants privileges on",
            ObjectAction.Other { Words: "reassign owned" } => null,
            ObjectAction when effect.Command is Command.AlterObject alter && Kinds.Contains(alter.Kind) => "changes",
            _ => null,
        };
        if (verb is null)
            return null;
        var what = effect.Object.Kind == ObjectKind.System ? $"the server's configuration ({context.Display(effect.Object)})" : $"{ObjectKinds.Words(effect.Object.Kind)} {context.Display(effect.Object)}";
        var where = effect.Object.Kind == ObjectKind.Subscription ? "and its replication slot on the publisher" : "which all databases of the server share";
        return new Verdict(context.Display(effect.Object), $"{verb} {what}, {where}", "it acts outside the database, and a restore does not undo it", "Run it manually or with the tool that configures the server, outside the migrations.");
    }
}
