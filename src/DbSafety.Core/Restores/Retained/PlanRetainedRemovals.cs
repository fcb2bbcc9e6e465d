using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Restores.Retained;

/// <summary>Which retained databases of a server to remove, regardless of the target's database. All conditions must be met.</summary>
public sealed record RetainedRemovalRequest(DatabaseTarget Target)
{
    /// <summary>Their own names, or patterns with <c>*</c> and <c>?</c>. Empty: <see cref="KeepFor"/> decides.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The database that they were: a name or a pattern. Null: all.</summary>
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
        foreach (var single in chosen.Where(r => !r.CanUndo))
            events.Warning($"{single.Name} is not removed by its age: {single.Database} no longer exists, or was renamed; specify its name to remove it");
        return [.. chosen.Where(r => r.CanUndo)];
    }
}
