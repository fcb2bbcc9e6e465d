using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Rows stay stored, and queries that read them until now no longer do.</summary>
internal sealed class HiddenRows : IAnalysisRule
{
    public string Id => "hidden-rows";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        var (name, table) = (context.Display(effect.Object), context.Display(effect.Table));
        var (does, alarm, remedy) = effect.Cause switch
        {
            TableAction.Other { Words: "force row level security" } => ($"forces row level security on {table} for its owner too", "the owner sees and changes only the rows that a policy admits", "Create the policies for the owner first, in the same transaction."),
            Command.CreateObject { Kind: ObjectKind.Policy } when IsRestrictive(context.Statement) => ($"creates restrictive policy {name}", "rows that it does not admit are no longer seen or changed, whatever other policies say", "Count the rows that it does not admit first."),
            ObjectAction.Other when effect.Object.Kind == ObjectKind.Policy => ($"changes policy {name}", "rows that it admitted can become invisible", "Count the rows that it no longer admits first."),
            TableAction.DetachPartition detach when effect.Object.Kind == ObjectKind.Table => ($"detaches partition {context.Display(detach.Partition)} from {table}", $"queries on {table} no longer see its rows", $"Read {context.Display(detach.Partition)} by its own name, or move its rows to another partition first."),
            TableAction.Inherit { Ends: true } inherit => ($"ends the inheritance of {table} from {context.Display(inherit.Parent)}", $"queries on {context.Display(inherit.Parent)} no longer see the rows of {table}", $"Read {table} by its own name."),
            Command.Refresh when HasNoData(context.Statement) => ($"empties materialized view {name}", "queries on it fail until it is refreshed", "Leave WITH NO DATA out, or refresh it in the same migration."),
            TableAction.SetOptions { Names: var names } when effect.Object.Kind == ObjectKind.View && names.Contains("security_invoker") => ($"changes whose rights view {name} reads with", "queries on it see other rows, or get permission denied", "Grant SELECT on the tables behind it to the roles that use it, and look at their policies."),
            Command.CreateObject { Kind: ObjectKind.View, Replaces: true } when context.Statement.Contains("security_invoker") => ($"replaces view {name}, and says whose rights it reads with", "queries on it see other rows, or get permission denied", "Grant SELECT on the tables behind it to the roles that use it, and look at their policies."),
            TableAction.Rewrite { Words: "set unlogged" } when effect.Object.Kind == ObjectKind.Table => ($"makes {name} unlogged", "standbys no longer read it, and a crash empties it", "Leave it logged."),
            TableAction.Other { Words: "options" } when effect.Object.Kind == ObjectKind.ForeignTable => ($"changes where the rows of foreign table {name} are", "queries on it read other rows, or fail", "Create a foreign table beside it, and switch over to that."),
            ObjectAction.Other { Words: not "owner" } when effect.Object.Kind is ObjectKind.Server or ObjectKind.UserMapping or ObjectKind.ForeignDataWrapper => ($"changes {ObjectKinds.Words(effect.Object.Kind)} {name}", "queries on its foreign tables read other rows, or fail", "Create another beside it, and switch over to that."),
            ObjectAction.Other { Words: "security" or "external" } when effect.Object.Kind is ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Routine => ($"changes whose rights {name} runs with", "it reads other rows, or gets permission denied", "Grant the roles that call it what it uses first."),
            Command.Describe when context.Statement.StartsWith("security") => ($"sets a security label on {ObjectKinds.Words(effect.Object.Kind)} {name}", "its provider can hide or mask what roles read", "Look up what the label means to its provider."),
            _ => default,
        };
        return does is null ? null : new Verdict(name, does, alarm, remedy) { HarmlessBecause = context.MadeHere(effect.Table) ?? (context.History.IsCreatedIndex(effect.Table) ? "it was made by the same pending migrations" : null) };
    }

    private static bool IsRestrictive(SqlStatement policy)
    {
        var cursor = new TokenCursor(policy.Tokens);
        cursor.BackTo(cursor.Find("restrictive"));
        return !cursor.AtEnd && cursor.TokenAt(cursor.Position - 1).Is("as");
    }

    private static bool HasNoData(SqlStatement refresh) => refresh.Tokens.Count > 3 && refresh.Tokens[^1].Is("data") && refresh.Tokens[^2].Is("no");
}
