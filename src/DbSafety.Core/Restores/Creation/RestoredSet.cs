using Npgsql;

namespace DbSafety.Restores.Creation;

/// <summary>What a restore into a new database came to.</summary>
/// <param name="Notes">What was not proven, in words.</param>
/// <param name="Subscriptions">Those of the set; the new database has none of them yet.</param>
/// <param name="NamedViews">Materialized views that hold the name of the new database; see <see cref="Restores.NamedViews"/>.</param>
internal sealed record RestoredSet(IReadOnlyList<string> Notes, IReadOnlyList<DumpedSubscription> Subscriptions, IReadOnlyList<string>? NamedViews = null);
