using DbSafety.Databases.Connections;
using DbSafety.Errors;

namespace DbSafety.Restores.Swaps;

/// <summary>The retained database that an undo is to swap in.</summary>
/// <param name="Name">Null: the database that the last restore retained.</param>
/// <param name="Oid">The OID that it was listed with; null: its mark decides.</param>
/// <param name="AllowUnmarked">The database with that name need not have a mark.</param>
internal sealed record UndoSelection(string? Name, uint? Oid, bool AllowUnmarked);

/// <summary>Which retained database an undo swaps in. No I/O.</summary>
internal static class UndoChoice
{
    /// <summary>
    /// Without a name: the database that the last restore retained, if that was the last operation. After an undo it is refused: whether
    /// the user repeats an undo whose report was lost, or wants to go back further, is unknown, and only the first undo would restore other data
    /// unasked. A database without a mark only has the name of a retained database: the name alone, as a result prints it, does not choose it.
    /// </summary>
    /// <param name="live">The live database's oid.</param>
    /// <exception cref="DbSafetyException"><c>DBS306</c>, <c>DBS334</c>, <c>DBS335</c>, <c>DBS336</c>, <c>DBS339</c>, <c>DBS340</c>, <c>DBS342</c>.</exception>
    public static RetainedDatabase Choose(string database, uint live, RetainedInventory inventory, UndoSelection selection)
    {
        var retained = inventory.Of(MarkKind.Before, MarkKind.Undone);
        var names = string.Join(", ", retained.Select(k => k.Name));
        if (selection.Name is not { } to)
            return Last(database, live, inventory, names);
        var named = retained.FirstOrDefault(k => k.Name == to);
        if (selection.Oid is { } listed && named?.Oid != listed)
            throw ErrorCatalogue.RetainedChanged.For(to);
        if (named is { Mark: null } && !selection.AllowUnmarked)
            throw ErrorCatalogue.RetainedUnclear.For(database, to);
        return named ?? throw ErrorCatalogue.NotRetained.For(database, to, names.Length > 0 ? names : "none");
    }

    private static RetainedDatabase Last(string database, uint live, RetainedInventory inventory, string names)
    {
        var retained = inventory.Of(MarkKind.Before, MarkKind.Undone);
        if (retained is [{ Mark: null } unmarked, ..])
            throw ErrorCatalogue.RetainedUnclear.For(database, unmarked.Name);
        if (retained is not [{ Mark: { } mark } newest, ..])
            throw inventory.Unclear.Count > 0 ? ErrorCatalogue.RetainedRenamed.For(database, string.Join(", ", inventory.Unclear)) : ErrorCatalogue.NothingToUndo.For(database);
        // What the last restore replaced was dropped, or the live database was created again: the newest retained database is from an earlier time.
        if (mark.Other != live)
            throw ErrorCatalogue.NotOfLastRestore.For(database, newest.Name, names);
        return newest.Kind == MarkKind.Before ? newest : throw ErrorCatalogue.AlreadyUndone.For(database, newest.Name, names);
    }

    /// <summary>Now, or a second after the newest retained database: these times must have the order of the swaps, regardless of the clocks.</summary>
    public static DateTimeOffset Time(DateTimeOffset now, IEnumerable<RetainedDatabase> retained)
    {
        var last = retained.Select(k => k.KeptAt).DefaultIfEmpty(DateTimeOffset.MinValue).Max();
        return now.ToUnixTimeSeconds() > last.ToUnixTimeSeconds() ? now : last.AddSeconds(1);
    }
}
