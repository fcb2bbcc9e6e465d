using DbSafety.Errors;

namespace DbSafety.Restores.Swaps;

/// <summary>Which retained database an undo swaps in. No I/O.</summary>
internal static class UndoChoice
{
    /// <summary>
    /// Without a name: the database that the last restore retained, if that was the last operation. After an undo it is refused: whether
    /// the user repeats an undo whose report was lost, or wants to go back further, is unknown, and only the first undo would restore other data
    /// unasked.
    /// </summary>
    /// <param name="database">The live database's name.</param>
    /// <param name="live">The live database's oid.</param>
    /// <param name="before">What restores retained, the newest first.</param>
    /// <param name="undone">What undos retained, the newest first.</param>
    /// <param name="to">The name that was specified, or null.</param>
    /// <exception cref="DbSafetyException"><c>DBS306</c>, <c>DBS334</c>, <c>DBS335</c>, <c>DBS336</c>.</exception>
    public static RetainedDatabase Choose(string database, uint live, IReadOnlyList<RetainedDatabase> before, IReadOnlyList<RetainedDatabase> undone, string? to)
    {
        var names = string.Join(", ", before.Concat(undone).OrderByDescending(k => k.KeptAt).Select(k => k.Name));
        if (to is not null)
            return before.Concat(undone).FirstOrDefault(k => k.Name == to) ?? throw ErrorCatalogue.NotRetained.For(database, to, names.Length > 0 ? names : "none");
        if (undone is [var last, ..] && (before.Count == 0 || before[0].KeptAt <= last.KeptAt))
            throw ErrorCatalogue.AlreadyUndone.For(database, last.Name, names);
        if (before is not [var newest, ..])
            throw ErrorCatalogue.NothingToUndo.For(database);
        // What the last restore replaced was dropped, or the live database was created again: the newest retained database is from an earlier time.
        if (newest.Mark?.Other is { } replacedBy && replacedBy != live)
            throw ErrorCatalogue.NotOfLastRestore.For(database, newest.Name, names);
        return newest;
    }

    /// <summary>Now, or a second after the newest retained database: these times must have the order of the swaps, regardless of the clocks.</summary>
    public static DateTimeOffset Time(DateTimeOffset now, IEnumerable<RetainedDatabase> retained)
    {
        var last = retained.Select(k => k.KeptAt).DefaultIfEmpty(DateTimeOffset.MinValue).Max();
        return now.ToUnixTimeSeconds() > last.ToUnixTimeSeconds() ? now : last.AddSeconds(1);
    }
}
