namespace DbSafety.Analysis;

/// <summary>What the live database is to be asked about an effect.</summary>
internal enum LiveFactKind
{
    /// <summary>The rows of a table and of what goes with it.</summary>
    Rows,

    /// <summary>The values in a column that are not null.</summary>
    Values,

    /// <summary>The nulls in a column.</summary>
    Nulls,

    /// <summary>The rows of all tables of a schema.</summary>
    SchemaRows,

    /// <summary>The rows a condition fits.</summary>
    RowsWhere,

    /// <summary>The values of a column that a conversion does not give back.</summary>
    Changed,

    /// <summary>The values of a column that a conversion does not take.</summary>
    Unconvertible,

    /// <summary>Whether a change of type, or a new column of a type, makes PostgreSQL read or write all rows.</summary>
    Rewritten,

    /// <summary>Whether PostgreSQL must read the rows to see that a column, or the columns of an index, hold no nulls.</summary>
    Read,

    /// <summary>The rows whose key another row has too.</summary>
    Duplicates,

    /// <summary>The rows that point to no row of the table a foreign key names.</summary>
    Orphans,

    /// <summary>The rows that do not hold to a condition.</summary>
    Violations,

    /// <summary>The rows that hold a value of an enum which its successor lacks.</summary>
    EnumLabels,
}

/// <summary>Which other tables an effect reaches.</summary>
internal enum LiveReach
{
    /// <summary>The table alone.</summary>
    Only,

    /// <summary>With its partitions and inheritance children.</summary>
    Children,

    /// <summary>With its children, and all tables that refer to it (TRUNCATE … CASCADE).</summary>
    References,

    /// <summary>With its children, and the tables whose rows go along (ON DELETE CASCADE).</summary>
    DeleteCascades,
}

/// <summary>A question in the names of the database as it is before the first pending migration.</summary>
internal sealed record LiveQuestion(LiveFactKind Kind, RelationName Relation, LiveReach Reach = LiveReach.Children)
{
    public string? Column { get; init; }

    /// <summary>
    /// What the database shows now is what the statement will meet. False where earlier statements of the set may have changed it.
    /// </summary>
    public bool Proves { get; init; } = true;

    /// <summary>
    /// SQL text: behind <c>FROM</c> for <see cref="LiveFactKind.RowsWhere"/>; the converted value for <see cref="LiveFactKind.Changed"/> and
    /// <see cref="LiveFactKind.Unconvertible"/>; the new type for <see cref="LiveFactKind.Rewritten"/>; the index for <see cref="LiveFactKind.Read"/>; the array of labels that stay for
    /// <see cref="LiveFactKind.EnumLabels"/>; the whole query for <see cref="LiveFactKind.Duplicates"/> and <see cref="LiveFactKind.Violations"/>.
    /// </summary>
    public string? Condition { get; init; }

    /// <summary>For <see cref="LiveFactKind.Orphans"/>.</summary>
    public LiveForeignKey? ForeignKey { get; init; }
}

/// <summary>Which columns point where.</summary>
/// <param name="ReferencedColumns">Empty: the primary key.</param>
internal sealed record LiveForeignKey(IReadOnlyList<string> Columns, RelationName Referenced, IReadOnlyList<string> ReferencedColumns);

/// <summary>The answer.</summary>
/// <param name="Exists">Whether the table, column or schema is there at all.</param>
/// <param name="Count">Null: it could not be counted. For <see cref="LiveFactKind.Rewritten"/> 0 means that it is not.</param>
internal sealed record LiveAnswer(bool Exists, long? Count)
{
    /// <summary>Rows of the other tables that are reached, by the names people write.</summary>
    public IReadOnlyDictionary<string, long> PerTable { get; init; } = new Dictionary<string, long>();

    /// <summary>What is concerned beside the count: the values of an enum that are taken away.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}
