using DbSafety.Integration.Tests;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace DbSafety.Integration.Tests;

/// <summary>The tests that share a server run one after the other, for minutes: they begin first, so that no such row is left over at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(c => c.TestCollectionClassName is null).ThenBy(c => c.TestCollectionDisplayName != MigrationServerGroup.Name).ThenBy(c => c.TestCollectionDisplayName, StringComparer.Ordinal)];
}
