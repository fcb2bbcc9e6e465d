using System.Diagnostics;

namespace DbSafety.Migrations.Applying;

/// <summary>What the parts of a script did, added up over the sessions that it took.</summary>
internal sealed class LooseScriptSum
{
    /// <summary>The ledger's row, once it is begun.</summary>
    public string? Id { get; set; }

    public Stopwatch Clock { get; } = Stopwatch.StartNew();

    public List<TableChange> Changes { get; } = [];

    public List<UnexpectedLoss> Losses { get; } = [];

    public List<UnexpectedLoss> AllowedLosses { get; } = [];

    public List<TableChange> HiddenUpdates { get; } = [];

    public List<string> HiddenRewrites { get; } = [];

    public long LargeObjects { get; set; }
}
