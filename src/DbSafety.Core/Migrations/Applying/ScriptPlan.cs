using DbSafety.Analysis;

namespace DbSafety.Migrations.Applying;

/// <summary>How a script is to be run: as one transaction of ours, or statement by statement.</summary>
/// <param name="OwnWay">Why it cannot be one transaction; null where it can.</param>
internal sealed record ScriptPlan(IReadOnlyList<SqlStatement> Statements, string? OwnWay)
{
    private static readonly string[] TransactionWords = ["begin", "start", "commit", "end", "rollback", "abort"];

    public bool IsOneTransaction => OwnWay is null;

    /// <param name="serverMajor">ALTER TYPE … ADD VALUE may stand in a transaction from PostgreSQL 12 on.</param>
    public static ScriptPlan For(string script, int serverMajor)
    {
        var statements = SqlSplitter.Split(script).Where(s => !IsPsqlRestriction(s)).ToList();
        // A script that is one transaction from end to end is run in ours instead, which is the same but for the proof before its commit.
        if (statements.Count > 2 && IsPlainBegin(statements[0]) && IsPlainCommit(statements[^1]) && !statements[1..^1].Any(IsTransactionControl))
            statements = statements[1..^1];
        var odd = statements.Select(s => Reason(s, serverMajor, statements.Count)).FirstOrDefault(r => r is not null);
        return new ScriptPlan(statements, odd);
    }

    /// <summary>It waits for others without holding them up, so a time limit on locks would only make it fail half-way.</summary>
    public static bool IsConcurrent(SqlStatement statement) => statement.Contains("concurrently");

    private static string? Reason(SqlStatement statement, int serverMajor, int statements)
    {
        if (IsTransactionControl(statement))
            return $"it has its own {statement.Tokens[0].Value.ToUpperInvariant()} in line {statement.Line}";
        if (statement.StartsWith("call") && statements == 1)
            return "its procedure may commit";
        return CannotBeInTransaction(statement, serverMajor) ? $"line {statement.Line} cannot run in a transaction: {statement.Excerpt}" : null;
    }

    private static bool CannotBeInTransaction(SqlStatement s, int serverMajor) =>
        s.StartsWith("vacuum")
        || (IsConcurrent(s) && (s.StartsWith("create") || s.StartsWith("drop", "index") || s.StartsWith("reindex") || s.StartsWith("alter", "table")))
        || s.StartsWith("create", "database") || s.StartsWith("drop", "database") || s.StartsWith("create", "tablespace") || s.StartsWith("drop", "tablespace")
        || (s.StartsWith("alter", "database") && s.Contains("tablespace")) || s.StartsWith("alter", "system")
        || (s.StartsWith("reindex") && s.Tokens.Take(4).Any(t => t.Is("database") || t.Is("system") || t.Is("schema")))
        || (s.StartsWith("cluster") && s.Tokens.Count == 1)
        || s.StartsWith("create", "subscription") || s.StartsWith("drop", "subscription") || (s.StartsWith("alter", "subscription") && s.Contains("refresh"))
        || s.StartsWith("discard", "all")
        || (s.StartsWith("alter", "type") && s.Contains("add") && s.Contains("value") && serverMajor < 12);

    /// <summary>SAVEPOINT, RELEASE and ROLLBACK TO live inside of a transaction.</summary>
    private static bool IsTransactionControl(SqlStatement statement) =>
        (statement.Tokens[0].Kind == SqlTokenKind.Word && TransactionWords.Contains(statement.Tokens[0].Value) && !statement.Tokens.Take(3).Any(t => t.Is("to")))
        || statement.StartsWith("prepare", "transaction");

    private static bool IsPlainBegin(SqlStatement s) =>
        (s.StartsWith("begin") && (s.Tokens.Count == 1 || (s.Tokens.Count == 2 && (s.Tokens[1].Is("transaction") || s.Tokens[1].Is("work")))))
        || (s.StartsWith("start", "transaction") && s.Tokens.Count == 2);

    private static bool IsPlainCommit(SqlStatement s) =>
        (s.StartsWith("commit") || s.StartsWith("end")) && (s.Tokens.Count == 1 || (s.Tokens.Count == 2 && (s.Tokens[1].Is("transaction") || s.Tokens[1].Is("work"))));

    /// <summary>pg_dump's guard for psql (<c>\restrict key</c>) means nothing to anybody else.</summary>
    private static bool IsPsqlRestriction(SqlStatement statement) =>
        statement.IsPsqlCommand && (statement.Text.StartsWith("\\restrict", StringComparison.Ordinal) || statement.Text.StartsWith("\\unrestrict", StringComparison.Ordinal));
}
