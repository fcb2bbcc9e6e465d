namespace DbSafety.Migrations.Applying;

/// <summary>How a table loses its rows; each value includes the previous ones.</summary>
internal enum RowLoss
{
    None,

    /// <summary>Rows are deleted.</summary>
    Deleted,

    /// <summary>All rows are removed at once (TRUNCATE).</summary>
    Emptied,

    /// <summary>The table is dropped.</summary>
    Dropped,
}

/// <summary>How a column loses its values; each value includes the previous ones.</summary>
internal enum ColumnLoss
{
    None,

    /// <summary>Values become NULL.</summary>
    Nulled,

    /// <summary>The type of the column is changed.</summary>
    Converted,

    /// <summary>The column is dropped.</summary>
    Dropped,
}

/// <summary>What the allowance of a rule's finding covers.</summary>
internal static class AllowedLoss
{
    public static RowLoss OfRows(string rule) => rule switch
    {
        "delete-rows" => RowLoss.Deleted,
        // All of them were shown.
        "delete-without-where" or "truncate" => RowLoss.Emptied,
        "drop-table" or "drop-schema" or "drop-materialized-view" or "drop-and-recreate" => RowLoss.Dropped,
        _ => RowLoss.None,
    };

    public static ColumnLoss OfColumn(string rule) => rule switch
    {
        "column-values" => ColumnLoss.Nulled,
        "lossy-type-change" => ColumnLoss.Converted,
        "drop-column" or "drop-and-recreate" => ColumnLoss.Dropped,
        _ => ColumnLoss.None,
    };
}
