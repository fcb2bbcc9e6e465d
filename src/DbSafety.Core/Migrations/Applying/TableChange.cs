using System.Globalization;

namespace DbSafety.Migrations.Applying;

/// <summary>What a run did to the rows of one table.</summary>
/// <param name="Table">With its schema where that is not the default one.</param>
public sealed record TableChange(string Table, long Inserted, long Updated, long Deleted)
{
    /// <summary>The rows went with the table, or all at once.</summary>
    public bool Gone { get; init; }

    /// <summary>The column that is gone, or whose values were converted; null: it is about rows.</summary>
    public string? Column { get; init; }

    /// <summary>Values of <see cref="Column"/> that went with it.</summary>
    public long Values { get; init; }

    /// <summary>Large objects that were removed; <see cref="Table"/> is then <c>pg_largeobject</c>.</summary>
    public long LargeObjects { get; init; }

    /// <summary>Counted by PostgreSQL inside the migration's own transaction; else compared before and after, with other sessions in it.</summary>
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
