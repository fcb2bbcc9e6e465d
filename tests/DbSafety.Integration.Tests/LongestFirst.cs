using DbSafety.Integration.Tests;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("DbSafety.Integration.Tests." + nameof(LongestFirst), "DbSafety.Integration.Tests")]

namespace DbSafety.Integration.Tests;

/// <summary>The tests that share a server run one after the other, for minutes: they begin first, so that no such row is left over at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(c => c.CollectionDefinition is null).ThenBy(c => c.DisplayName != MigrationServerGroup.Name).ThenBy(c => c.DisplayName, StringComparer.Ordinal);
}
