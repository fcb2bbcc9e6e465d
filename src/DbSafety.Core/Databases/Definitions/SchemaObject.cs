namespace DbSafety.Databases.Definitions;

/// <summary>An object of a database, with each property that differs from its default.</summary>
/// <param name="Name">Its kind and its name, such as <c>policy tenant_only on public.orders</c>.</param>
/// <param name="Parent">The object with which it is dropped, such as the table of a column; null if none.</param>
internal sealed record SchemaObject(string Name, string? Parent)
{
    /// <summary>The position of a column in its table; only the order of columns that both sides have is compared.</summary>
    public const string Position = "position";

    private const int Kept = 400;

    public SortedList<string, string> Properties { get; } = new(StringComparer.Ordinal);

    /// <summary>A long text, such as a function's body, is stored as its hash.</summary>
    public void Set(string property, string value) => Properties[property] = value.Length > Kept ? TextHash.Of(value) : value;
}
