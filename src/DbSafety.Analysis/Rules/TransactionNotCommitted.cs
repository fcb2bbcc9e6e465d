using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Analysis.Rules;

/// <summary>A script begins a transaction and ends without COMMIT or ROLLBACK: psql rolls everything back, and another tool's next statement runs inside it.</summary>
internal sealed class TransactionNotCommitted() : LateRule(RuleId, FindingSeverity.Breaking)
{
    private const string RuleId = "transaction-not-committed";

    private const string Does = "begins a transaction that the script does not end: it is rolled back, with everything in it, when the session ends, and its locks are held until then";

    private const string Commit = "COMMIT;";

    /// <param name="begun">Where the statement stands that begins it.</param>
    public static MigrationFinding Finding(SqlScript script, (int Line, int Ordinal) begun, bool isUndo) => new()
    {
        Rule = RuleId,
        Severity = isUndo ? FindingSeverity.Info : FindingSeverity.Breaking,
        File = script.File,
        Line = begun.Line,
        Statement = begun.Ordinal,
        Object = $"statement {begun.Ordinal}",
        Message = isUndo ? $"{Does}: the script undoes a migration, and a migration does not run it" : Does,
        Remedy = $"Put COMMIT at the end of the script:\n{Commit}",
        RemedySql = Commit,
    };
}
