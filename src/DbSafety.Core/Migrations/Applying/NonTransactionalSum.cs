using System.Diagnostics;

namespace DbSafety.Migrations.Applying;

/// <summary>The total of the changes of a script's parts, over all sessions that it used.</summary>
internal sealed class NonTransactionalSum
{
    /// <summary>The row of the migration history, after the script has started.</summary>
    public string? Id { get; set; }

    public Stopwatch Clock { get; } = Stopwatch.StartNew();

    public List<TableChange> Changes { get; } = [];

    public List<UnexpectedLoss> Losses { get; } = [];

    public List<UnexpectedLoss> AllowedLosses { get; } = [];

    public List<TableChange> HiddenUpdates { get; } = [];

    public List<string> HiddenRewrites { get; } = [];

    public long LargeObjects { get; set; }
}
