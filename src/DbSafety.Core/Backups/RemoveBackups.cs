using DbSafety.Operations;

namespace DbSafety.Backups;

/// <summary>Takes sets away for good, as <see cref="PlanRemovals"/> chose them. What cannot be removed is said and left out of the answer.</summary>
public sealed class RemoveBackups : IOperation<IReadOnlyList<PgBackup>, IReadOnlyList<PgBackup>>
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<PgBackup>> RunAsync(IReadOnlyList<PgBackup> request, IOperationEvents events, CancellationToken ct)
    {
        var removed = new List<PgBackup>();
        foreach (var set in request)
        {
            ct.ThrowIfCancellationRequested();
            if (SetRemoval.Remove(set, events))
                removed.Add(set);
        }

        return Task.FromResult<IReadOnlyList<PgBackup>>(removed);
    }
}
