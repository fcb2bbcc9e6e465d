namespace DbSafety.Comparisons;

/// <summary>Compares the properties of two databases themselves, whatever their names are. No I/O.</summary>
internal static class DatabaseComparison
{
    /// <param name="notCompared">Why something of them was not compared, in words.</param>
    public static IReadOnlyList<DefinitionDifference> Compare(ComparedState reference, ComparedState difference, out IReadOnlyList<string> notCompared)
    {
        ComparedState[] sides = [reference, difference];
        string[] silent = [.. sides.Where(s => s.Database is null).Select(s => s.Name)];
        if (silent.Length > 0)
        {
            notCompared = [$"the database's own properties (owner, privileges, comment, settings, connection limit, encoding, locale): {string.Join(" and ", silent)} {(silent.Length == 1 ? "does" : "do")} not hold them"];
            return [];
        }

        var found = DefinitionComparison.Properties(reference.Database!, difference.Database!).ToLookup(d => sides.FirstOrDefault(s => IsNotRecorded(s, d.Property!))?.Name);
        notCompared = [.. found.Where(g => g.Key is not null).Select(g => $"the database's {string.Join(", ", g.Select(d => d.Property))}: {g.Key} does not hold {(g.Count() == 1 ? "it" : "them")}")];
        return [.. found[null]];
    }

    private static bool IsNotRecorded(ComparedState side, string property) => side.NotRecorded.Any(u => property.StartsWith(u, StringComparison.Ordinal));
}
