using DbSafety.Analysis;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Cuts a script that is more than one transaction at its own BEGIN and COMMIT, and around what cannot run in a transaction. As the real tools
/// send it, it begins inside of one (a query of several statements, or Drizzle's own BEGIN), which a bare COMMIT ends.
/// </summary>
internal sealed class ScriptUnits(int serverMajor, bool callsApart)
{
    private readonly List<ScriptUnit> units = [];
    private readonly List<SqlStatement> open = [];
    private string begin = "BEGIN";
    private bool isExplicit;
    private int seen;

    public static IReadOnlyList<ScriptUnit> Cut(IReadOnlyList<SqlStatement> statements, int serverMajor, bool callsApart) =>
        // Savepoints aside, what rolls back or prepares leads a life of its own: such a script is sent as it is.
        statements.Any(s => ScriptPlan.IsTransactionControl(s) && !ScriptPlan.IsBegin(s) && !ScriptPlan.IsPlainCommit(s))
            ? [new ScriptUnit(statements, null, 1)]
            : new ScriptUnits(serverMajor, callsApart).Run(statements);

    private List<ScriptUnit> Run(IReadOnlyList<SqlStatement> statements)
    {
        foreach (var statement in statements)
        {
            seen++;
            if (ScriptPlan.IsBegin(statement))
            {
                // PostgreSQL counts what stands before it in the same query to the transaction.
                if (open.Count == 0)
                    begin = statement.Text;
                isExplicit = true;
            }
            else if (ScriptPlan.IsPlainCommit(statement))
            {
                Close(seen - 1);
            }
            else if (!isExplicit && (ScriptPlan.CannotBeInTransaction(statement, serverMajor) || (callsApart && ScriptPlan.MayCommit(statement))))
            {
                Close(seen - 1);
                units.Add(new ScriptUnit([statement], null, seen));
            }
            else
            {
                open.Add(statement);
            }
        }

        Close(seen);
        return units;
    }

    private void Close(int last)
    {
        if (open.Count > 0)
            units.Add(new ScriptUnit([.. open], begin, last - open.Count + 1));
        open.Clear();
        (begin, isExplicit) = ("BEGIN", false);
    }
}
