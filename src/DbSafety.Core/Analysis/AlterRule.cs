namespace DbSafety.Analysis;

/// <summary>A rule for one kind of action of <c>ALTER TABLE</c>.</summary>
internal abstract class AlterRule : IAnalysisRule
{
    public abstract string Id { get; }

    public abstract FindingSeverity Severity { get; }

    public IEnumerable<Effect> Find(StatementContext context)
    {
        if (AlterTable.Read(context.Statement, context.SearchSchema) is not { } alter)
            yield break;
        foreach (var action in alter.Actions)
        {
            if (Match(context, alter.Table, action) is not { } effect)
                continue;
            yield return context.History.IsCreated(alter.Table) ? effect with { HarmlessBecause = "the table was made by the same pending migrations" } : effect;
        }
    }

    /// <summary>Null where the action is another one.</summary>
    protected abstract Effect? Match(StatementContext context, RelationName table, IReadOnlyList<SqlToken> action);

    /// <summary>The column of <c>ALTER [COLUMN] name words…</c>.</summary>
    protected static string? Column(IReadOnlyList<SqlToken> action, params ReadOnlySpan<string> words)
    {
        var cursor = new TokenCursor(action);
        if (!cursor.Take("alter"))
            return null;
        cursor.Take("column");
        return cursor.TakeName() is { } column && cursor.Take(words) ? column : null;
    }

    /// <summary>
    /// The name of the constraint in <c>ADD [CONSTRAINT name] kind …</c>, or the kind where it has none; null where it is no such constraint.
    /// </summary>
    protected static string? Constraint(IReadOnlyList<SqlToken> action, params ReadOnlySpan<string> kind)
    {
        var cursor = new TokenCursor(action);
        if (!cursor.Take("add"))
            return null;
        var name = cursor.Take("constraint") ? cursor.TakeName() : null;
        return cursor.Take(kind) ? name ?? kind[0] : null;
    }

    protected static bool Has(IReadOnlyList<SqlToken> action, string first, string second)
    {
        for (var i = 0; i + 1 < action.Count; i++)
        {
            if (action[i].Is(first) && action[i + 1].Is(second))
                return true;
        }

        return false;
    }
}
