using Npgsql;

namespace DbSafety.Restores.Creation;

/// <summary>The result of a restore into a new database.</summary>
/// <param name="Notes">What was not proven, in words.</param>
/// <param name="Subscriptions">The subscriptions of the set; the new database does not have them yet.</param>
/// <param name="NamedViews">Materialized views that contain the name of the new database; see <see cref="Restores.NamedViews"/>.</param>
internal sealed record RestoredSet(IReadOnlyList<string> Notes, IReadOnlyList<DumpedSubscription> Subscriptions, IReadOnlyList<string>? NamedViews = null);
