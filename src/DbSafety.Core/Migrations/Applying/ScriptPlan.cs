using DbSafety.Analysis;

namespace DbSafety.Migrations.Applying;

/// <summary>How a script is to be run: as one transaction of ours, or in parts.</summary>
/// <param name="OwnWay">Why it cannot be one transaction; null where it can.</param>
internal sealed record ScriptPlan(IReadOnlyList<SqlStatement> Statements, string? OwnWay)
{
    private static readonly string[] TransactionWords = ["begin", "start", "commit", "end", "rollback", "abort"];

    /// <summary>How its transaction begins, where it is one.</summary>
    public string Begin { get; private init; } = "BEGIN";

    /// <summary>What is run one after the other where it is not one transaction.</summary>
    public IReadOnlyList<ScriptUnit> Units { get; private init; } = [];

    public bool IsOneTransaction => OwnWay is null;

    /// <summary>The statements that PostgreSQL takes only before the first query of a transaction, with the settings before them.</summary>
    public int Preamble => PreambleOf(Statements);

    /// <summary>The statements that must come before the first query of the transaction that these are.</summary>
    public static int PreambleOf(IReadOnlyList<SqlStatement> statements) => statements.Any(IsTransactionSetting)
        ? statements.TakeWhile(s => s.StartsWith("set")).Select((s, i) => IsTransactionSetting(s) ? i + 1 : 0).LastOrDefault(i => i > 0)
        : 0;

    /// <param name="serverMajor">ALTER TYPE … ADD VALUE may stand in a transaction from PostgreSQL 12 on.</param>
    /// <param name="callsApart">Procedures and DO blocks are run outside of a transaction: one of them has turned out to commit.</param>
    public static ScriptPlan For(string script, int serverMajor, bool callsApart = false)
    {
        var statements = SqlSplitter.Split(script).Where(s => !IsPsqlRestriction(s)).ToList();
        var begin = "BEGIN";
        // A script that is one transaction from end to end is run in ours instead, which is the same but for the proof before its commit.
        if (statements.Count > 1 && IsPlainCommit(statements[^1]) && !statements[1..^1].Any(IsTransactionControl))
        {
            if (IsBegin(statements[0]))
                (begin, statements) = (statements[0].Text, statements[1..^1]);
            else if (!IsTransactionControl(statements[0]))
                statements = statements[..^1];
        }

        var odd = statements.Select(s => Reason(s, serverMajor, statements.Count, callsApart)).FirstOrDefault(r => r is not null);
        return new ScriptPlan(statements, odd) { Begin = begin, Units = odd is null ? [] : ScriptUnits.Cut(statements, serverMajor, callsApart || statements.Count == 1) };
    }

    /// <summary>It waits for others without holding them up, so a time limit on locks would only make it fail half-way.</summary>
    public static bool IsConcurrent(SqlStatement statement) => statement.Contains("concurrently");

    /// <summary>A procedure or a DO block may end the transaction it is called in, if it is outside of one.</summary>
    public static bool MayCommit(SqlStatement statement) => statement.StartsWith("call") || statement.StartsWith("do");

    private static bool IsTransactionSetting(SqlStatement statement) => statement.StartsWith("set", "transaction");

    private static string? Reason(SqlStatement statement, int serverMajor, int statements, bool callsApart)
    {
        if (IsTransactionControl(statement))
            return $"it has its own {statement.Tokens[0].Value.ToUpperInvariant()} in line {statement.Line}";
        if (MayCommit(statement) && (callsApart || (statements == 1 && statement.StartsWith("call"))))
            return $"what line {statement.Line} calls may commit";
        return CannotBeInTransaction(statement, serverMajor) ? $"line {statement.Line} cannot run in a transaction: {statement.Excerpt}" : null;
    }

    public static bool CannotBeInTransaction(SqlStatement s, int serverMajor) =>
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
    public static bool IsTransactionControl(SqlStatement statement) =>
        (statement.Tokens[0].Kind == SqlTokenKind.Word && TransactionWords.Contains(statement.Tokens[0].Value) && !statement.Tokens.Take(3).Any(t => t.Is("to")))
        || statement.StartsWith("prepare", "transaction");

    public static bool IsBegin(SqlStatement s) => s.StartsWith("begin") || s.StartsWith("start", "transaction");

    public static bool IsPlainCommit(SqlStatement s) =>
        (s.StartsWith("commit") || s.StartsWith("end")) && (s.Tokens.Count == 1 || (s.Tokens.Count == 2 && (s.Tokens[1].Is("transaction") || s.Tokens[1].Is("work"))));

    /// <summary>pg_dump's guard for psql (<c>\restrict key</c>) means nothing to anybody else.</summary>
    private static bool IsPsqlRestriction(SqlStatement statement) =>
        statement.IsPsqlCommand && (statement.Text.StartsWith("\\restrict", StringComparison.Ordinal) || statement.Text.StartsWith("\\unrestrict", StringComparison.Ordinal));
}
