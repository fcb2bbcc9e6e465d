namespace DbSafety.Analysis.Scripts;

/// <summary>The transactions of a script that it begins itself and ends with ROLLBACK: nothing of them stays.</summary>
internal sealed class RolledBack
{
    private readonly List<(int From, int To, int Line)> transactions = [];
    private int begin;

    public static bool MayBeIn(string text) => text.Contains("rollback", StringComparison.OrdinalIgnoreCase) || text.Contains("abort", StringComparison.OrdinalIgnoreCase);

    /// <summary>Takes the script's statements, in their order.</summary>
    public void Add(SqlStatement statement)
    {
        if (statement.StartsWith("begin") || statement.StartsWith("start", "transaction"))
            begin = begin == 0 ? statement.Ordinal : begin;
        else if (statement.StartsWith("commit") || statement.StartsWith("end") || statement.StartsWith("prepare", "transaction"))
            begin = 0;
        else if (begin > 0 && EndsBack(statement))
        {
            transactions.Add((begin, statement.Ordinal, statement.Line));
            // AND CHAIN begins the next one.
            begin = statement.Contains("chain") && !statement.Contains("no") ? statement.Ordinal : 0;
        }
    }

    /// <summary>The line of the ROLLBACK that undoes the statement; null if none does.</summary>
    public int? LineOf(int statement)
    {
        // The last one that begins before it.
        var (low, high) = (0, transactions.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = transactions[middle].From < statement ? (middle + 1, high) : (low, middle);
        }

        return low > 0 && statement < transactions[low - 1].To ? transactions[low - 1].Line : null;
    }

    private static bool EndsBack(SqlStatement statement) =>
        statement.StartsWith("abort") || (statement.StartsWith("rollback") && !statement.Contains("to") && !statement.StartsWith("rollback", "prepared"));
}
