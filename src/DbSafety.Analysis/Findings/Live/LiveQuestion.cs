using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings.Live;

/// <summary>What the live database is to be asked about an effect.</summary>
internal enum LiveFactKind
{
    /// <summary>The rows of a table and of the tables that are dropped with it.</summary>
    Rows,

    /// <summary>The values in a column that are not null.</summary>
    Values,

    /// <summary>The nulls in a column.</summary>
    Nulls,

    /// <summary>The rows of all tables of a schema.</summary>
    SchemaRows,

    /// <summary>The rows a condition fits.</summary>
    RowsWhere,

    /// <summary>The values of a column that a conversion does not preserve.</summary>
    Changed,

    /// <summary>The values of a column that a conversion does not take.</summary>
    Unconvertible,

    /// <summary>Whether a change of type, or a new column of a type, makes PostgreSQL read or write all rows.</summary>
    Rewritten,

    /// <summary>Whether PostgreSQL must read the rows to check that a column, or the columns of an index, contain no NULLs.</summary>
    Read,

    /// <summary>The rows of a table that are outside the bounds of the partition that it is to become, and those within them in the default partition.</summary>
    Bounds,

    /// <summary>Whether PostgreSQL must read the rows to see that they are within these bounds.</summary>
    BoundsRead,

    /// <summary>Whether a table has rows of its own, and not only partitions.</summary>
    Partitioned,

    /// <summary>The rows whose key another row has too.</summary>
    Duplicates,

    /// <summary>The rows that reference no row of the table a foreign key names.</summary>
    Orphans,

    /// <summary>The rows that violate a condition.</summary>
    Violations,

    /// <summary>The rows that violate a constraint of the live database that was NOT VALID.</summary>
    Constraint,

    /// <summary>The rows that contain an enum value that the new type does not have.</summary>
    EnumLabels,

    /// <summary>The values in use, at or above the next value of a sequence.</summary>
    Sequence,

    /// <summary>The effects of a function that the set did not create.</summary>
    Routine,

    /// <summary>Whether no index begins with the columns of a foreign key.</summary>
    Uncovered,
}

/// <summary>Which other tables an effect reaches.</summary>
internal enum LiveReach
{
    /// <summary>The table alone.</summary>
    Only,

    /// <summary>With its partitions.</summary>
    Partitions,

    /// <summary>With its partitions and inheritance children.</summary>
    Children,

    /// <summary>With its children, and all tables that reference it (TRUNCATE … CASCADE).</summary>
    References,

    /// <summary>With its children, and the tables whose rows go along (ON DELETE CASCADE).</summary>
    DeleteCascades,
}

/// <summary>A query with the names of the database before the first pending migration.</summary>
internal sealed record LiveQuestion(LiveFactKind Kind, RelationName Relation, LiveReach Reach = LiveReach.Children)
{
    /// <summary>Tables that inherit from it go along (DROP TABLE … CASCADE).</summary>
    public bool IncludesChildren { get; init; }

    public string? Column { get; init; }

    /// <summary>
    /// What the database shows now is what the statement will meet. False where earlier statements of the set may have changed it.
    /// </summary>
    public bool Proves { get; init; } = true;

    /// <summary>
    /// SQL text: after <c>FROM</c> for <see cref="LiveFactKind.RowsWhere"/>; the type of a new column for <see cref="LiveFactKind.Rewritten"/>; the index for <see cref="LiveFactKind.Read"/>; the array of labels that stay for
    /// <see cref="LiveFactKind.EnumLabels"/>; the name for <see cref="LiveFactKind.Constraint"/>; the columns, with a zero character between them, for <see cref="LiveFactKind.Uncovered"/>; the complete query for <see cref="LiveFactKind.Duplicates"/> and <see cref="LiveFactKind.Violations"/>.
    /// </summary>
    public string? Condition { get; init; }

    /// <summary>Tables that earlier statements have moved out of the schema, for <see cref="LiveFactKind.SchemaRows"/>.</summary>
    public IReadOnlyList<RelationName> Without { get; init; } = [];

    /// <summary>The partitioned table, for <see cref="LiveFactKind.Bounds"/> and <see cref="LiveFactKind.BoundsRead"/>, whose condition is FOR VALUES ….</summary>
    public RelationName? Parent { get; init; }

    /// <summary>What decides which rows a statement changes, as it is written, without its own table; null: it is all of them.</summary>
    public string? Chooses { get; init; }

    /// <summary>How <see cref="Condition"/> calls the table; null: by its name.</summary>
    public string? Alias { get; init; }

    /// <summary>It is about a DELETE, and the rules of the live database for it are those that the statement meets.</summary>
    public bool MeetsLiveRules { get; init; }

    /// <summary>The condition can fit other rows in the session of the script: by settings whose values are not known, or by the last number of a sequence.</summary>
    public bool DependsOnSession { get; init; }

    /// <summary>The settings of the script that the condition can depend on, as a query that sets them for the transaction; null: there are none.</summary>
    public string? Session { get; init; }

    /// <summary>The rows are changed through a view that the set creates.</summary>
    public bool IsThroughView { get; init; }

    /// <summary>For <see cref="LiveFactKind.Orphans"/>.</summary>
    public LiveForeignKey? ForeignKey { get; init; }

    /// <summary>For <see cref="LiveFactKind.Duplicates"/> and <see cref="LiveFactKind.Violations"/>: the new key; null if earlier statements may have changed what it meets.</summary>
    public LiveKey? Key { get; init; }

    /// <summary>For <see cref="LiveFactKind.Sequence"/>.</summary>
    public LiveSequence? Sequence { get; init; }

    /// <summary>What an UPDATE overwrites. <see cref="Condition"/> is then about the rows in which a value is lost.</summary>
    public LiveOverwrite? Overwrite { get; init; }

    /// <summary>The same question, whose condition is about those rows too.</summary>
    /// <param name="others">After FROM; null: none.</param>
    public LiveQuestion With(string? others) => others is null || Condition is null ? this : this with { Condition = $"(SELECT FROM {Condition} UNION ALL SELECT FROM {others}) AS dbsafety_rows" };

    /// <summary>For <see cref="LiveFactKind.Changed"/>, <see cref="LiveFactKind.Unconvertible"/> and, with a column, <see cref="LiveFactKind.Rewritten"/>; null if it cannot be asked.</summary>
    public LiveTypeChange? TypeChange { get; init; }
}

/// <summary>What a sequence is set to, as SQL expressions.</summary>
/// <param name="Value">Null: where the sequence started.</param>
/// <param name="IsCalled">Whether the next value is the following one.</param>
internal sealed record LiveSequence(string Sequence, string? Value, string IsCalled);

/// <summary>The rows an UPDATE touches, and the columns it assigns to that were there before.</summary>
/// <param name="Touched">SQL text after FROM; null if there is no query that reads these rows alone.</param>
/// <param name="All">The same for all rows of the table.</param>
/// <param name="AllLosing">The same for all of its rows in which one of the columns holds a value.</param>
internal sealed record LiveOverwrite(string? Touched, string All, string? AllLosing, IReadOnlyList<LiveColumn> Columns)
{
    /// <summary>The columns whose values nothing takes the place of.</summary>
    public IReadOnlyList<string> Nulled { get; init; } = [];

    /// <summary>The columns that are set to their default: nothing takes the place of their values where they have none.</summary>
    public IReadOnlyList<string> Defaulted { get; init; } = [];

    /// <summary>A query for values that keep those of their columns where both have one type, each with its column behind it; null: there are none.</summary>
    public string? Filling { get; init; }

    /// <summary>The question where they do; null: no value is overwritten then.</summary>
    public LiveQuestion? IfFilled { get; init; }

    /// <summary>The question about those rows alone in which a value changes; null if that cannot be asked.</summary>
    public LiveQuestion? IfComputed { get; init; }

    /// <summary>The functions of BEFORE triggers that the set creates, where these are functions of the live database.</summary>
    public IReadOnlyList<RelationName> TriggerFunctions { get; init; } = [];

    /// <summary>The rows are those that an INSERT lists, so that the statement shows the new values.</summary>
    public bool IsListed { get; init; }

    /// <summary>All columns that the UPDATE names, as the live database calls them; empty: they are not known.</summary>
    public IReadOnlyList<string> Assigned { get; init; } = [];

    /// <summary>In that question, the columns with those of their values that become NULL.</summary>
    public IReadOnlyList<LiveColumn> Nulling { get; init; } = [];

    /// <summary>It is that question.</summary>
    public bool IsComputed => Nulling.Count > 0;

    /// <summary>The only column, where other values take the place of its values: rows that fit a condition because it was changed hold none of its live values any more. Null: there are more, or its type has changed.</summary>
    public string? OnlyColumn { get; init; }

    /// <summary>The columns, if the set adds all of them where they are missing: if none exists, no value is overwritten. Empty: it does not.</summary>
    public IReadOnlyList<string> AddedIfMissing { get; init; } = [];

    /// <summary>The columns, as the live database calls them, whose values may become NULL.</summary>
    public IReadOnlyList<string> MayBeNull { get; init; } = [];
}

/// <summary>A column as the statement names it, and as SQL.</summary>
internal sealed record LiveColumn(string Name, string Sql);

/// <summary>The columns of a unique index or constraint, as the live database calls them; expressions as they are written.</summary>
internal sealed record LiveKey(IReadOnlyList<string> Columns, bool IsPrimary);

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

    /// <summary>How long it was counted in vain, in words; null: what kept it from being counted was not its time limit.</summary>
    public string? NotCountedWithin { get; init; }

    /// <summary>What is concerned beside the count: the values of an enum that are taken away.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>What a sequence would give next, its last number, and the highest number in the column it belongs to, where there is one.</summary>
    public LiveNumbers? Numbers { get; init; }

    /// <summary>Why PostgreSQL refuses it, whatever the rows are.</summary>
    public string? RefusedBecause { get; init; }

    /// <summary>Why a function is known to change nothing, or a DELETE to delete nothing.</summary>
    public string? HarmlessBecause { get; init; }

    /// <summary>What an UPDATE overwrites; null if it was not counted.</summary>
    public LiveOverwritten? Overwritten { get; init; }

    /// <summary>The tables behind it, where it is a view; else empty.</summary>
    public IReadOnlyList<string> Through { get; init; } = [];

    /// <summary>What a change of a column's type does; null if that is not known.</summary>
    public LiveConversion? Conversion { get; init; }

    /// <summary>The foreign server that the rows, or some of them, are on; null if they are all here.</summary>
    public string? ForeignServer { get; init; }
}

/// <summary>What an UPDATE overwrites.</summary>
/// <param name="Touched">Rows; null: which ones could not be counted, and the values are those of all rows.</param>
/// <param name="Total">Rows of the table.</param>
/// <param name="Values">By column, those that are not null.</param>
internal sealed record LiveOverwritten(long? Touched, long Total, IReadOnlyDictionary<string, long> Values)
{
    public bool IsAllRows => Touched is null || Touched == Total;

    /// <summary>The columns that are set to their default and have none, and those with computed values that are NULL.</summary>
    public IReadOnlyList<string> BecomeNull { get; init; } = [];
}

/// <summary>The numbers of a sequence.</summary>
/// <param name="Highest">In the column that it belongs to; null: it belongs to none, or the column is empty.</param>
internal sealed record LiveNumbers(long Next, long Last, bool IsOwned, long? Highest);
