namespace DbSafety.Analysis.Rules;

/// <summary>A statement that does not begin like any of PostgreSQL's (https://www.postgresql.org/docs/current/sql-commands.html).</summary>
internal sealed class UnknownStatement : IAnalysisRule
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "abort", "alter", "analyse", "analyze", "begin", "call", "checkpoint", "close", "cluster", "comment", "commit", "copy", "create", "deallocate",
        "declare", "delete", "discard", "do", "drop", "end", "execute", "explain", "fetch", "grant", "import", "insert", "listen", "load", "lock",
        "merge", "move", "notify", "prepare", "reassign", "refresh", "reindex", "release", "reset", "revoke", "rollback", "savepoint", "security",
        "select", "set", "show", "start", "table", "truncate", "unlisten", "update", "vacuum", "values", "with",
    };

    public string Id => "unknown-statement";

    public FindingSeverity Severity => FindingSeverity.Opaque;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        var first = context.Statement.Tokens[0];
        if (context.InBody || (first.Kind == SqlTokenKind.Word && Known.Contains(first.Value)) || first.IsMark('('))
            yield break;
        yield return first.Kind == SqlTokenKind.PsqlCommand
            ? new Effect($"statement {context.Statement.Ordinal}", $"is a line for psql alone ({context.Statement.Excerpt}), which nothing else can run", "Write plain SQL.")
            : new Effect($"statement {context.Statement.Ordinal}", $"is not a statement that is known here: {context.Statement.Excerpt}", "Check its spelling; the rehearsal shows what it really does.");
    }
}
