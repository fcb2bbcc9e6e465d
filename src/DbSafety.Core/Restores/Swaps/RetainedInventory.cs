using DbSafety.Databases;
using DbSafety.Databases.Connections;

namespace DbSafety.Restores.Swaps;

/// <summary>A database whose name or comment indicates that DbSafety created it.</summary>
internal sealed record RetainedCandidate(string Name, uint Oid, DatabaseMark? Mark, int ConnectionLimit);

/// <summary>The databases that are retained or were being created for one database.</summary>
/// <param name="All">Databases that certainly belong to it, the newest first.</param>
/// <param name="Unclear">Names of databases that can belong to it or to another database: they are never dropped or swapped in.</param>
internal sealed record RetainedInventory(IReadOnlyList<RetainedDatabase> All, IReadOnlyList<string> Unclear)
{
    private static readonly MarkKind[] Temporary = [MarkKind.Restoring, MarkKind.Rehearsal];

    public IReadOnlyList<RetainedDatabase> Of(params MarkKind[] kinds) =>
        [.. All.Where(k => kinds.Contains(k.Kind))];

    /// <summary>Decides, without I/O, what each candidate is to <paramref name="database"/>.</summary>
    /// <param name="live">The oid of the database that has the name now; 0 where there is none.</param>
    /// <param name="existing">The oids of all databases.</param>
    public static RetainedInventory Sort(string database, IReadOnlyList<RetainedCandidate> found, uint live, IReadOnlySet<uint> existing)
    {
        var (all, unclear) = (new List<RetainedDatabase>(), new List<string>());
        var followers = found.Where(f => IsMarked(f) && f.Mark!.Of == database).ToDictionary(f => f.Oid, f => f.Mark!.Other);
        foreach (var candidate in found.Where(f => f.Oid != live))
        {
            if (IsMarked(candidate))
            {
                if (candidate.Mark!.Of != database)
                    continue;
                // The user has renamed it, and can use it by that name.
                if (candidate.Name != RetainedNames.Of(database, candidate.Mark.Kind, candidate.Mark.At))
                {
                    unclear.Add(candidate.Name);
                    continue;
                }

                // The database that replaced it has been renamed since: it is the previous database of that database.
                if (candidate.Mark.Kind is MarkKind.Before or MarkKind.Undone && candidate.Mark.Other is { } other
                    && other != live && existing.Contains(other) && !followers.ContainsKey(other))
                    unclear.Add(candidate.Name);
                else
                    Add(candidate, candidate.Mark.Kind, candidate.Mark.At, candidate.Mark);
            }
            else if (Temporary.Where(kind => RetainedDatabases.CreationLimit(database, kind) == candidate.ConnectionLimit && RetainedNames.Is(candidate.Name, database, kind)).ToList() is [var created])
            {
                // Created, but its run was killed before it marked it.
                Add(candidate, created, default, new DatabaseMark { Kind = created, Of = database, Oid = candidate.Oid, By = MarkedBy.Restore, At = default });
            }
            else
            {
                SortByName(candidate);
            }
        }

        return new RetainedInventory([.. all.OrderByDescending(k => k.KeptAt)], unclear);

        void SortByName(RetainedCandidate candidate)
        {
            foreach (var kind in Enum.GetValues<MarkKind>())
            {
                if (RetainedNames.TimeOf(candidate.Name, database, kind) is { } at)
                    Add(candidate, kind, at, null);
                else if (RetainedNames.CouldBe(candidate.Name, database, kind))
                    unclear.Add(candidate.Name);
            }
        }

        void Add(RetainedCandidate candidate, MarkKind kind, DateTimeOffset at, DatabaseMark? mark) =>
            all.Add(new RetainedDatabase(candidate.Name, 0) { Oid = candidate.Oid, Kind = kind, KeptAt = at, Mark = mark, PrecedesLive = live != 0 && Precedes(mark?.Other) });

        bool Precedes(uint? next)
        {
            for (var seen = new HashSet<uint>(); next is { } oid && seen.Add(oid); next = followers.GetValueOrDefault(oid))
            {
                if (oid == live)
                    return true;
            }

            return false;
        }
    }

    private static bool IsMarked(RetainedCandidate candidate) => candidate.Mark is { } mark && mark.Oid == candidate.Oid;
}
