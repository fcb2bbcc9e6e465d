using DbSafety.Analysis.Scripts;

namespace DbSafety.Migrations.Applying.Scripts;

/// <summary>Why a script cannot be run, determined before any statement is sent.</summary>
internal sealed record ScriptRefusal(int Line, string Reason, string Remedy);

/// <summary>
/// Splits a script into transactions as its own tool does: at BEGIN, COMMIT and ROLLBACK, at the end of the tool's messages,
/// and around statements that cannot run in a transaction block. The effect of these commands in an implicit transaction is defined by PostgreSQL
/// (src/backend/access/transam/xact.c): COMMIT and ROLLBACK end it, and BEGIN turns it into an explicit transaction that includes the preceding statements.
/// </summary>
internal sealed class ScriptUnits(ScriptDelivery delivery, int serverMajor, bool callsApart)
{
    private enum Block
    {
        None,

        /// <summary>Several statements in one message.</summary>
        Implicit,

        /// <summary>Drizzle's own.</summary>
        Tool,

        /// <summary>Begun by the script.</summary>
        Explicit,
    }

    private readonly List<ScriptUnit> units = [];
    private readonly List<SqlStatement> open = [];
    private string begin = "BEGIN";
    private SqlStatement? begun;
    private SqlStatement? split;
    private Block block;
    private int seen;

    /// <summary>The first reason why the script cannot be run.</summary>
    public ScriptRefusal? Refusal { get; private set; }

    public IReadOnlyList<ScriptUnit> Cut(IReadOnlyList<SqlStatement> statements)
    {
        var messages = delivery.Messages(statements);
        block = delivery.Kind == ScriptDeliveryKind.Pieces ? Block.Tool : Block.None;
        for (var i = 0; i < statements.Count; i++)
        {
            seen++;
            if (i > 0 && messages[i] != messages[i - 1])
                EndMessage();
            if (block == Block.None && delivery.Kind != ScriptDeliveryKind.Statements && IsOneOfSeveral(messages, i))
                block = Block.Implicit;
            Take(statements[i]);
        }

        if (block == Block.Explicit && begun is not null)
            Refuse(begun, $"{begun.Tokens[0].Value.ToUpperInvariant()} starts a transaction that the script does not commit", "Add the missing COMMIT.");
        Close(seen);
        return units;
    }

    private static bool IsOneOfSeveral(IReadOnlyList<int> messages, int i) =>
        (i > 0 && messages[i - 1] == messages[i]) || (i + 1 < messages.Count && messages[i + 1] == messages[i]);

    private void Take(SqlStatement statement)
    {
        switch (TransactionCommands.Of(statement))
        {
            case TransactionCommand.Begin:
                Begin(statement);
                break;
            case TransactionCommand.Commit:
                Close(seen - 1);
                Leave();
                break;
            case TransactionCommand.Rollback:
                RefuseSplit(statement);
                // Outside a transaction it has no effect, and the preceding statements are already committed.
                Close(seen - 1, rollsBack: block != Block.None);
                Leave();
                break;
            case var chain and (TransactionCommand.CommitAndChain or TransactionCommand.RollbackAndChain):
                Chain(statement, chain == TransactionCommand.RollbackAndChain);
                break;
            case TransactionCommand.PrepareTransaction:
                Refuse(statement, "PREPARE TRANSACTION leaves a prepared transaction that holds its locks until COMMIT PREPARED or ROLLBACK PREPARED", "Use COMMIT.");
                break;
            default:
                Add(statement);
                break;
        }
    }

    private void Begin(SqlStatement statement)
    {
        if (block == Block.None)
            Close(seen - 1);
        // Drizzle's own transaction is already open, and the tool commits it.
        if (block != Block.Explicit)
            (block, begun) = (Block.Explicit, block == Block.Tool ? null : statement);
        // In the middle of a transaction PostgreSQL warns, and takes the options that can be set there.
        if (open.Count == 0)
            begin = statement.Text;
        else
            open.Add(statement);
    }

    /// <summary>The next transaction has the same characteristics.</summary>
    private void Chain(SqlStatement statement, bool rollsBack)
    {
        if (serverMajor < 12 || block is Block.None or Block.Implicit)
        {
            Refuse(statement, serverMajor < 12 ? "AND CHAIN requires PostgreSQL 12 or later" : $"{statement.Text} can only be used in a transaction block", "Start the transaction with BEGIN.");
            return;
        }

        var settings = open.Take(ScriptPlan.PreambleOf(open)).Where(ScriptPlan.IsTransactionSetting).Select(s => s.Text);
        var next = string.Join("; ", [begin, .. settings]);
        Close(seen - 1, rollsBack);
        (block, begin, begun) = (Block.Explicit, next, statement);
    }

    private void Add(SqlStatement statement)
    {
        if (block != Block.Explicit && (ScriptPlan.CannotBeInTransaction(statement, serverMajor) || (callsApart && ScriptPlan.MayCommit(statement))))
        {
            Close(seen - 1);
            units.Add(new ScriptUnit([statement], null, seen));
            if (block != Block.None)
                split ??= statement;
        }
        else
        {
            open.Add(statement);
        }
    }

    /// <summary>Outside BEGIN … COMMIT the server commits at the end of a message. The statements of plain SQL files are grouped.</summary>
    private void EndMessage()
    {
        if (block == Block.Implicit || (block == Block.None && delivery.Kind == ScriptDeliveryKind.Pieces))
        {
            Close(seen - 1);
            Leave();
        }
    }

    private void Leave() => (block, begin, split) = (Block.None, "BEGIN", null);

    /// <summary>The tool itself fails here: the statements before the one that was moved out of the transaction are committed.</summary>
    private void RefuseSplit(SqlStatement statement)
    {
        if (split is not null)
            Refuse(split, $"{split.Excerpt} cannot run in the transaction that the ROLLBACK in line {statement.Line} rolls back", "Add COMMIT before it, or remove the ROLLBACK.");
    }

    private void Close(int last, bool rollsBack = false)
    {
        if (open.Count > 0)
            units.Add(new ScriptUnit([.. open], begin, last - open.Count + 1) { RollsBack = rollsBack });
        open.Clear();
    }

    private void Refuse(SqlStatement statement, string reason, string remedy) => Refusal ??= new ScriptRefusal(statement.Line, reason, remedy);
}
