namespace DbSafety.Analysis.Rules;

/// <summary>A script begins a transaction and ends without COMMIT or ROLLBACK: psql rolls everything back, and another tool's next statement runs inside of it.</summary>
internal sealed class TransactionNotCommitted() : LateRule("transaction-not-committed", FindingSeverity.Breaking)
{
    public static Verdict Verdict(string statement) =>
        new(statement, "begins a transaction that the script does not end: it is rolled back, with everything in it, when the session ends, and its locks are held until then", "Put COMMIT at the end of the script:")
        {
            SafeSql = "COMMIT;",
        };
}
