using DbSafety.Analysis.Scripts;

namespace DbSafety.Migrations.Applying.Scripts;

/// <summary>What a statement does to the transaction that it runs in (https://www.postgresql.org/docs/current/sql-commands.html).</summary>
internal enum TransactionCommand
{
    /// <summary>Nothing. SAVEPOINT, RELEASE and ROLLBACK TO are of this kind: they do not end a transaction.</summary>
    None,
    Begin,
    Commit,
    CommitAndChain,
    Rollback,
    RollbackAndChain,
    PrepareTransaction,
}

internal static class TransactionCommands
{
    public static TransactionCommand Of(SqlStatement s)
    {
        if (s.StartsWith("prepare", "transaction"))
            return TransactionCommand.PrepareTransaction;
        if (s.StartsWith("begin") || s.StartsWith("start", "transaction"))
            return TransactionCommand.Begin;
        var commits = s.StartsWith("commit") || s.StartsWith("end");
        if (!commits && !s.StartsWith("rollback") && !s.StartsWith("abort"))
            return TransactionCommand.None;
        var at = s.Tokens.Count > 1 && (s.Tokens[1].Is("work") || s.Tokens[1].Is("transaction")) ? 2 : 1;
        // ROLLBACK TO SAVEPOINT, COMMIT PREPARED and ROLLBACK PREPARED do not end this transaction.
        if (s.Tokens.Count > at && (s.Tokens[at].Is("to") || s.Tokens[at].Is("prepared")))
            return TransactionCommand.None;
        var chains = s.Tokens.Count == at + 2 && s.Tokens[at].Is("and") && s.Tokens[at + 1].Is("chain");
        return (commits, chains) switch
        {
            (true, true) => TransactionCommand.CommitAndChain,
            (true, false) => TransactionCommand.Commit,
            (false, true) => TransactionCommand.RollbackAndChain,
            _ => TransactionCommand.Rollback,
        };
    }
}
