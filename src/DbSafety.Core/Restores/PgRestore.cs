using DbSafety.Audit;
using DbSafety.Restores.Retained;

namespace DbSafety.Restores;

/// <summary>The result of a restore or of an undo.</summary>
public sealed record PgRestore
{
    public required string Server { get; init; }

    /// <summary>The database that now answers under this name.</summary>
    public required string Database { get; init; }

    /// <summary>The manifest it was restored from; null if a retained database was swapped in.</summary>
    public string? Backup { get; init; }

    /// <summary>The seal of that manifest.</summary>
    internal string? Seal { get; init; }

    /// <summary>The name of the retained database; null if no database existed.</summary>
    public string? RetainedAs { get; init; }

    /// <summary>Bytes of the retained database on disk.</summary>
    public long? KeptBytes { get; init; }

    public int Tables { get; init; }

    public long Rows { get; init; }

    /// <summary>Tables, rows, sequences and large objects were compared with the manifest, and were equal; null if nothing was restored.</summary>
    public bool? Verified { get; init; }

    /// <summary>How to undo it; null if nothing was changed or nothing was replaced.</summary>
    public UndoAdvice? Undo { get; init; }

    /// <summary>What was not proven or not carried over, in words.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    public TimeSpan Duration { get; init; }

    /// <summary>How long no session could use the database under its name.</summary>
    public TimeSpan SwapDuration { get; init; }

    /// <summary>Nothing was done: this is what would be.</summary>
    public bool WhatIf { get; init; }

    internal LogResult Logged => new()
    {
        Sets = Backup is null ? [] : [new LoggedSet(Backup, Seal)],
        Tables = Tables,
        Rows = Rows,
        Undo = Undo?.Advice,
        Evidence = [.. RetainedAs is { } kept ? [$"the previous database is retained as {kept}"] : Array.Empty<string>(), .. Notes],
    };
}
