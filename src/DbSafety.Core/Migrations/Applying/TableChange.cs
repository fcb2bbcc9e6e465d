using System.Globalization;

namespace DbSafety.Migrations.Applying;

/// <summary>The changes that a run made to the rows of a table.</summary>
/// <param name="Table">With its schema, if it is not the default schema.</param>
public sealed record TableChange(string Table, long Inserted, long Updated, long Deleted)
{
    /// <summary>The table was dropped or truncated.</summary>
    public bool Gone { get; init; }

    /// <summary>The column that was dropped, or whose values were converted; null: the change is about rows.</summary>
    public string? Column { get; init; }

    /// <summary>Values of <see cref="Column"/> that were dropped with it.</summary>
    public long Values { get; init; }

    /// <summary>Large objects that were removed; <see cref="Table"/> is then <c>pg_largeobject</c>.</summary>
    public long LargeObjects { get; init; }

    /// <summary>Counted by PostgreSQL inside the migration's own transaction; otherwise compared before and after, including changes by other sessions.</summary>
    public bool Exact { get; init; } = true;

    /// <summary>Such as <c>20 values of products.note</c>.</summary>
    public override string ToString()
    {
        if (LargeObjects > 0)
            return Number(LargeObjects, "large object");
        if (Column is not null)
            return $"{(Values > 0 ? Number(Values, "value") : "the values")} of {Table}.{Column}";
        return Gone ? $"{(Deleted > 0 ? Number(Deleted, "row") : "the rows")} of {Table}"
            : string.Create(CultureInfo.InvariantCulture, $"{Table}: {Inserted:N0} inserted, {Updated:N0} updated, {Deleted:N0} deleted");
    }

    private static string Number(long count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? "" : "s")}");
}
