using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Integration.Tests.Analysis.Locks;

/// <summary>What a statement did to relations that were there before it, as the server shows it before the transaction ends.</summary>
/// <param name="Locks">The strongest lock on each.</param>
/// <param name="Work">What was done with the rows of those whose lock keeps writers out.</param>
/// <param name="Losses">In words.</param>
/// <param name="After">The relations there are now.</param>
internal sealed record ObservedStatement(IReadOnlyDictionary<uint, LockMode> Locks, IReadOnlyDictionary<uint, TableWork> Work, IReadOnlyList<string> Losses, Dictionary<uint, CatalogRelation> After)
{
    /// <summary>Tables and materialized views that are gone.</summary>
    public IEnumerable<uint> Gone { get; init; } = [];
}
