using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Rows remain stored, but queries that read them before no longer return them.</summary>
internal sealed class HiddenRows : IAnalysisRule
{
    public string Id => "hidden-rows";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        var (name, table) = (context.Display(effect.Object), context.Display(effect.Table));
        var (does, alarm, remedy) = effect.Cause switch
        {
            TableAction.Other { Words: "force row level security" } => ($"forces row-level security on {table} for its owner", "the owner sees and changes only the rows that a policy allows", "Create policies for the owner first, in the same transaction."),
            Command.CreateObject { Kind: ObjectKind.Policy } when IsRestrictive(context.Statement) => ($"creates restrictive policy {name}", "rows that it does not allow can no longer be seen or changed, whatever other policies allow", "Count the rows that it does not allow first."),
            ObjectAction.Other when effect.Object.Kind == ObjectKind.Policy => ($"changes policy {name}", "rows that it allowed can become invisible", "Count the rows that it no longer allows first."),
            TableAction.DetachPartition detach when effect.Object.Kind == ObjectKind.Table => ($"detaches partition {context.Display(detach.Partition)} from {table}", $"queries on {table} no longer return its rows", $"Query {context.Display(detach.Partition)} directly, or move its rows to another partition first."),
            TableAction.Inherit { Ends: true } inherit => ($"ends the inheritance of {table} from {context.Display(inherit.Parent)}", $"queries on {context.Display(inherit.Parent)} no longer return the rows of {table}", $"Query {table} directly."),
            Command.Refresh when HasNoData(context.Statement) => ($"empties materialized view {name}", "queries on it fail until it is refreshed", "Omit WITH NO DATA, or refresh it in the same migration."),
            TableAction.SetOptions { Names: var names } when effect.Object.Kind == ObjectKind.View && names.Contains("security_invoker") => ($"changes whose privileges view {name} uses", "queries on it return different rows, or fail with permission denied", "Grant SELECT on the underlying tables to the roles that use it, and check their policies."),
            Command.CreateObject { Kind: ObjectKind.View, Replaces: true } when context.Statement.Contains("security_invoker") => ($"replaces view {name}, and specifies whose privileges it uses", "queries on it return different rows, or fail with permission denied", "Grant SELECT on the underlying tables to the roles that use it, and check their policies."),
            TableAction.Rewrite { Words: "set unlogged" } when effect.Object.Kind == ObjectKind.Table => ($"sets {name} to UNLOGGED", "standby servers can no longer read it, and a crash empties it", "Keep it logged."),
            TableAction.Other { Words: "options" } when effect.Object.Kind == ObjectKind.ForeignTable => ($"changes the options of foreign table {name}", "queries on it return different rows, or fail", "Create another foreign table, and switch to it."),
            ObjectAction.Other { Words: not "owner" } when effect.Object.Kind is ObjectKind.Server or ObjectKind.UserMapping or ObjectKind.ForeignDataWrapper => ($"changes {ObjectKinds.Words(effect.Object.Kind)} {name}", "queries on its foreign tables return different rows, or fail", "Create another, and switch to it."),
            ObjectAction.Other { Words: "security" or "external" } when effect.Object.Kind is ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Routine => ($"changes whose privileges {name} runs with", "it reads different rows, or fails with permission denied", "Grant the privileges that it requires to the roles that call it first."),
            Command.Describe when context.Statement.StartsWith("security") => ($"sets a security label on {ObjectKinds.Words(effect.Object.Kind)} {name}", "its provider can hide or mask what roles read", "Check what the label means to its provider."),
            _ => default,
        };
        return does is null ? null : new Verdict(name, does, alarm, remedy) { HarmlessBecause = context.CreatedHere(effect.Table) ?? (context.History.IsCreatedIndex(effect.Table) ? "it was created by the same pending migrations" : null) };
    }

    private static bool IsRestrictive(SqlStatement policy)
    {
        var cursor = new TokenCursor(policy.Tokens);
        cursor.BackTo(cursor.Find("restrictive"));
        return !cursor.AtEnd && cursor.TokenAt(cursor.Position - 1).Is("as");
    }

    private static bool HasNoData(SqlStatement refresh) => refresh.Tokens.Count > 3 && refresh.Tokens[^1].Is("data") && refresh.Tokens[^2].Is("no");
}
