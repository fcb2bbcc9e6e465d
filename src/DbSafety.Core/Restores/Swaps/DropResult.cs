namespace DbSafety.Restores.Swaps;

/// <summary>What a look at the server shows after a drop.</summary>
internal abstract record DropResult
{
    public sealed record Dropped : DropResult;

    /// <summary>No database had the name.</summary>
    public sealed record Missing : DropResult;

    /// <summary>It still exists.</summary>
    public sealed record Kept(string Reason) : DropResult;

    /// <param name="Problem">The error of the drop.</param>
    /// <param name="Unseen">Why it could not be checked whether the database still exists.</param>
    public sealed record Unknown(string Problem, string Unseen) : DropResult;
}
