namespace DbSafety.Migrations.Sources;

/// <summary>The order of a list, whatever the names are; those that are not in it come last.</summary>
internal sealed class ListedOrder(IEnumerable<string> names) : IComparer<string>
{
    private readonly Dictionary<string, int> places = names.Select((name, i) => (name, i)).ToDictionary(p => p.name, p => p.i, StringComparer.Ordinal);

    public int Compare(string? x, string? y) => (Place(x), x).CompareTo((Place(y), y));

    private int Place(string? name) => places.GetValueOrDefault(name ?? "", int.MaxValue);
}
