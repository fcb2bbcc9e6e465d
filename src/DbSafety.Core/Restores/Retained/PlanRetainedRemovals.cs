using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Restores.Retained;

/// <summary>Which retained databases of a server to remove, regardless of the target's database. All conditions must be met.</summary>
public sealed record RetainedRemovalRequest(DatabaseTarget Target)
{
    /// <summary>Their own names, or patterns with <c>*</c> and <c>?</c>. Empty: <see cref="KeepFor"/> decides.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The database that they were: a name or a pattern. Null: all databases of the server.</summary>
    public string? Database { get; init; }

    /// <summary>Only databases that were retained longer ago than this. Null: of any age, if their names are specified.</summary>
    public TimeSpan? KeepFor { get; init; }
}

/// <summary>Selects the retained databases to remove. <see cref="RemoveRetained"/> drops each, and checks it again.</summary>
public sealed class PlanRetainedRemovals : IOperation<RetainedRemovalRequest, IReadOnlyList<PgRetainedDatabase>>
{
    /// <inheritdoc/>
    /// <exception cref="DbSafetyException"><c>DBS338</c>, <c>DBS335</c>: a name is not that of a retained database.</exception>
    public async Task<IReadOnlyList<PgRetainedDatabase>> RunAsync(RetainedRemovalRequest request, IOperationEvents events, CancellationToken ct)
    {
        if (request.Names.Count == 0 && request.KeepFor is null)
            throw ErrorCatalogue.RetainedNotSpecified.For(request.Target.Server);
        var all = await new ListRetained().RunAsync(new RetainedListRequest(request.Target) { Database = request.Database }, events, ct);
        foreach (var name in request.Names.Where(n => n.AsSpan().IndexOfAny('*', '?') < 0 && all.All(r => r.Name != n)))
            throw ErrorCatalogue.NotRetained.For(request.Database ?? request.Target.Server, name, all.Count > 0 ? string.Join(", ", all) : "none");
        var chosen = all.Where(r => request.KeepFor is not { } age || r.Age > age).Where(r => request.Names.Count == 0 || request.Names.Any(n => ListRetained.Matches(n, r.Name))).ToList();
        if (request.Names.Count > 0)
            return chosen;
        // It can be all that remains of the database: its age alone is no reason.
        foreach (var single in chosen.Where(r => !IsReplaced(r)))
            events.Warning($"{single.Name} is not removed by its age: {single.Database} no longer exists, was renamed or created again, has another owner, or a database that was retained after it was removed; specify its name to remove it");
        chosen.RemoveAll(r => !IsReplaced(r));
        if (request.Database is null && chosen.Select(r => r.Database).Distinct().ToList() is { Count: > 1 } databases)
            events.Information($"these are retained databases of {databases.Count} databases of {request.Target.Server}: {string.Join(", ", databases)}; to select those of one database: {Advice.Of($"--of")}");
        return chosen;
    }

    /// <summary>The live database took its place, and an undo could swap it in.</summary>
    private static bool IsReplaced(PgRetainedDatabase retained) => retained is { PrecedesLive: true, CanUndo: true };
}
