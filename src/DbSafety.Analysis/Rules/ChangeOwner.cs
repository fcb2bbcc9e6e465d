using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Changes the owner: sessions that rely on the old owner's privileges get permission denied.</summary>
internal sealed class ChangeOwner : IAnalysisRule
{
    public string Id => "change-owner";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is ObjectAction.Other { Words: "reassign owned" })
            return new Verdict(context.Display(effect.Object), $"changes the owner of everything that {context.Display(effect.Object)} owns", "statements that rely on the old owner's privileges fail with permission denied", "Grant the required privileges first.");
        if (effect.Cause is not (TableAction.Other { Words: "owner" } or ObjectAction.Other { Words: "owner" }) || effect.Object.Kind is not
            (ObjectKind.Table or ObjectKind.ForeignTable or ObjectKind.View or ObjectKind.MaterializedView or ObjectKind.Sequence or ObjectKind.Schema or ObjectKind.LargeObject))
            return null;
        var (kind, name) = (ObjectKinds.Words(effect.Object.Kind), context.Display(effect.Object));
        return new Verdict(name, $"changes the owner of {kind} {name}", effect.Object.Kind == ObjectKind.View ? "it reads with the new owner's privileges, and statements that rely on the old owner's fail with permission denied" : "statements that rely on the old owner's privileges fail with permission denied", "Grant the privileges to the roles that need them, in the same transaction.")
        {
            HarmlessBecause = context.CreatedHere(effect.Table) ?? (IsCreatedHere(effect.Object, context) ? "it was created by the same pending migrations" : null),
        };
    }

    private static bool IsCreatedHere(SqlObject what, StatementContext context) =>
        what.Kind == ObjectKind.Schema ? context.Script.IsCreatedSchema(what.Name.Name) : context.History.IsCreatedIndex(what.Name);
}
