using DbSafety.Databases.Definitions;
using DbSafety.Databases.Snapshots;

namespace DbSafety.Comparisons;

/// <summary>Compares the large objects of two sides one by one, in what both sides hold of them. No I/O.</summary>
internal static class LargeObjectComparison
{
    /// <param name="notCompared">Why something of them was not compared, in words.</param>
    public static IReadOnlyList<DefinitionDifference> Compare(ComparedState reference, ComparedState difference, out IReadOnlyList<string> notCompared)
    {
        notCompared = [];
        if (!reference.HasLargeObjects || !difference.HasLargeObjects || (reference.State.LargeObjects == 0 && difference.State.LargeObjects == 0))
            return [];
        if (new[] { reference, difference }.FirstOrDefault(s => s.State.LargeObjectDefinitions is null) is { } silent)
        {
            notCompared = [$"large objects one by one (OIDs, contents, owners, privileges, comments): {silent.Name} does not hold these properties"];
            return [];
        }

        var (before, now) = (SchemaDefinitions.Decode(reference.State.LargeObjectDefinitions!), SchemaDefinitions.Decode(difference.State.LargeObjectDefinitions!));
        if (IsSummary(before) != IsSummary(now))
        {
            notCompared = [$"large objects one by one: more than {LargeObjectReader.Most:N0} on one side only"];
            return [];
        }

        return Compare(before, now, reference.HasChecksums && difference.HasChecksums, out notCompared);
    }

    /// <summary>Of a backup and what was restored of it.</summary>
    public static IReadOnlyList<DefinitionDifference> Compare(string reference, string difference) => Compare(SchemaDefinitions.Decode(reference), SchemaDefinitions.Decode(difference), areHashed: true, out _);

    private static IReadOnlyList<DefinitionDifference> Compare(SchemaDefinitions before, SchemaDefinitions now, bool areHashed, out IReadOnlyList<string> notCompared)
    {
        var there = now.Objects.ToDictionary(o => o.Name, StringComparer.Ordinal);
        var unhashed = before.Objects.Where(o => there.TryGetValue(o.Name, out var other) && !(IsHashed(o) && IsHashed(other))).Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        notCompared = unhashed.Count == 0 ? [] : [areHashed && !IsSummary(before) ? $"the contents of {unhashed.Count:N0} large objects: they were not hashed on both sides, for example because the role cannot read them" : "the contents of large objects: they were not hashed on both sides"];
        return [.. DefinitionComparison.Compare(before, now).Where(d => d.Property != LargeObjectReader.Contents || !unhashed.Contains(d.Object))];
    }

    private static bool IsHashed(SchemaObject one) => one.Properties.ContainsKey(LargeObjectReader.Contents);

    private static bool IsSummary(SchemaDefinitions objects) => objects.Objects is [{ Name: LargeObjectReader.Summary }];
}
