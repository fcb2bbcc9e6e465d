using DbSafety.Analysis.Scripts;
using DbSafety.Errors;
using DbSafety.Migrations.Sources;

namespace DbSafety.Migrations.Applying.Scripts;

/// <summary>How a script is run: in one transaction of DbSafety, or in parts.</summary>
/// <param name="OwnWay">Why it cannot run in one transaction; null if it can.</param>
internal sealed record ScriptPlan(IReadOnlyList<SqlStatement> Statements, string? OwnWay)
{
    /// <summary>How its transaction begins, where it is one.</summary>
    public string Begin { get; private init; } = "BEGIN";

    /// <summary>The parts that run one after another, if it is not one transaction.</summary>
    public IReadOnlyList<ScriptUnit> Units { get; private init; } = [];

    /// <summary>Procedures and DO blocks are parts of its transactions.</summary>
    public bool CallsInside => Units.Any(u => u.Begin is not null && u.Statements.Any(MayCommit));

    public bool IsOneTransaction => OwnWay is null;

    /// <summary>The statements that PostgreSQL takes only before the first query of a transaction, with the settings before them.</summary>
    public int Preamble => PreambleOf(Statements);

    /// <summary>The statements that must come before the first query of the transaction that these are.</summary>
    public static int PreambleOf(IReadOnlyList<SqlStatement> statements) => statements.Any(IsTransactionSetting)
        ? statements.TakeWhile(s => s.StartsWith("set")).Select((s, i) => IsTransactionSetting(s) ? i + 1 : 0).LastOrDefault(i => i > 0)
        : 0;

    /// <summary>Why it cannot be run at all; null where it can.</summary>
    public ScriptRefusal? Refusal { get; private init; }

    public static ScriptPlan For(MigrationFile file, MigrationSource source, int serverMajor, bool callsApart = false) =>
        For(file.Text, ScriptDelivery.Of(file, source), serverMajor, callsApart);

    /// <param name="serverMajor">ALTER TYPE … ADD VALUE can run in a transaction block in PostgreSQL 12 and later.</param>
    /// <param name="callsApart">Procedures and DO blocks run outside a transaction, because one of them commits.</param>
    /// <param name="stringsAreUncertain">The session has standard_conforming_strings off.</param>
    public static ScriptPlan For(string script, ScriptDelivery delivery, int serverMajor, bool callsApart = false, bool stringsAreUncertain = false)
    {
        var statements = SqlSplitter.Split(script, new StringReading(false, stringsAreUncertain)).Where(s => !IsPsqlRestriction(s)).ToList();
        // Other statements than these could run.
        if (statements.Find(s => s.HasUncertainStrings) is { } doubtful)
            return new ScriptPlan([], null) { Refusal = new ScriptRefusal(doubtful.Line, StringReading.Doubt, "Write strings with backslashes as E'...' or $$...$$, or remove the change of standard_conforming_strings.") };
        var cut = new ScriptUnits(delivery, serverMajor, callsApart || (statements.Count == 1 && statements[0].StartsWith("call")));
        var units = cut.Cut(statements);
        // A script that is one transaction from beginning to end runs in DbSafety's transaction, with the checks before its commit.
        if (units.Count == 0)
            return new ScriptPlan([], null) { Refusal = cut.Refusal };
        if (units is [{ RollsBack: false, Begin: { } begin } whole])
            return new ScriptPlan(whole.Statements, null) { Begin = begin, Refusal = cut.Refusal };
        var odd = statements.Select(s => Reason(s, serverMajor, statements.Count, callsApart)).FirstOrDefault(r => r is not null);
        return new ScriptPlan(statements, odd ?? "it contains more than one transaction") { Units = units, Refusal = cut.Refusal };
    }

    /// <exception cref="DbSafetyException"><c>DBS430</c> one of them cannot be run.</exception>
    public static void Check(IEnumerable<MigrationFile> files, MigrationSource source, int serverMajor, bool stringsAreUncertain = false)
    {
        foreach (var file in files)
            For(file.Text, ScriptDelivery.Of(file, source), serverMajor, stringsAreUncertain: stringsAreUncertain).Check(file);
    }

    /// <exception cref="DbSafetyException"><c>DBS430</c> it cannot be run.</exception>
    public void Check(MigrationFile file)
    {
        if (Refusal is { } refusal)
            throw ErrorCatalogue.ScriptRefused.For(file.Name, $"{file.RelativePath} line {refusal.Line}: {refusal.Reason}", refusal.Remedy);
    }

    /// <summary>It waits for other sessions without blocking them, so a lock timeout would only make it fail half-way.</summary>
    public static bool IsConcurrent(SqlStatement statement) => statement.Contains("concurrently");

    /// <summary>A procedure or a DO block can commit or roll back if it is called outside a transaction block.</summary>
    public static bool MayCommit(SqlStatement statement) => statement.StartsWith("call") || statement.StartsWith("do");

    public static bool IsTransactionSetting(SqlStatement statement) => statement.StartsWith("set", "transaction");

    private static string? Reason(SqlStatement statement, int serverMajor, int statements, bool callsApart)
    {
        if (TransactionCommands.Of(statement) != TransactionCommand.None)
            return $"it has its own {statement.Tokens[0].Value.ToUpperInvariant()} in line {statement.Line}";
        if (MayCommit(statement) && (callsApart || (statements == 1 && statement.StartsWith("call"))))
            return $"the code that line {statement.Line} calls can commit";
        return CannotBeInTransaction(statement, serverMajor) ? $"line {statement.Line} cannot run in a transaction: {statement.Excerpt}" : null;
    }

    public static bool CannotBeInTransaction(SqlStatement s, int serverMajor) =>
        s.StartsWith("vacuum") || s.StartsWith("commit", "prepared") || s.StartsWith("rollback", "prepared")
        || (IsConcurrent(s) && (s.StartsWith("create") || s.StartsWith("drop", "index") || s.StartsWith("reindex") || s.StartsWith("alter", "table")))
        || s.StartsWith("create", "database") || s.StartsWith("drop", "database") || s.StartsWith("create", "tablespace") || s.StartsWith("drop", "tablespace")
        || (s.StartsWith("alter", "database") && s.Contains("tablespace")) || s.StartsWith("alter", "system")
        || (s.StartsWith("reindex") && s.Tokens.Take(4).Any(t => t.Is("database") || t.Is("system") || t.Is("schema")))
        || (s.StartsWith("cluster") && s.Tokens.Count == 1)
        || s.StartsWith("create", "subscription") || s.StartsWith("drop", "subscription") || (s.StartsWith("alter", "subscription") && s.Contains("refresh"))
        || s.StartsWith("discard", "all")
        || (s.StartsWith("alter", "type") && s.Contains("add") && s.Contains("value") && serverMajor < 12);

    /// <summary>pg_dump's guard for psql (<c>\restrict key</c>) applies to psql only.</summary>
    private static bool IsPsqlRestriction(SqlStatement statement) =>
        statement.IsPsqlCommand && (statement.Text.StartsWith("\\restrict", StringComparison.Ordinal) || statement.Text.StartsWith("\\unrestrict", StringComparison.Ordinal));
}
