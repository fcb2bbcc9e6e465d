namespace DbSafety.Migrations;

/// <summary>What a run did to the rows of one table.</summary>
/// <param name="Table">With its schema where that is not the default one.</param>
public sealed record TableChange(string Table, long Inserted, long Updated, long Deleted)
{
    /// <summary>The rows went with the table, or all at once.</summary>
    public bool Gone { get; init; }

    /// <summary>Counted by PostgreSQL inside the migration's own transaction; else compared before and after, with other sessions in it.</summary>
    public bool Exact { get; init; } = true;
}
