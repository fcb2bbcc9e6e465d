namespace DbSafety.Restores;

/// <summary>What a restore, or its undoing, did.</summary>
public sealed record PgRestore
{
    public required string Server { get; init; }

    /// <summary>The database that now answers under this name.</summary>
    public required string Database { get; init; }

    /// <summary>The manifest it was restored from; null when a kept database was swapped back.</summary>
    public string? Backup { get; init; }

    /// <summary>The name under which the database of before is kept; null where there was none.</summary>
    public string? KeptAs { get; init; }

    /// <summary>Bytes of the kept database on disk.</summary>
    public long? KeptBytes { get; init; }

    public int Tables { get; init; }

    public long Rows { get; init; }

    /// <summary>Tables, rows, sequences and large objects were compared with the manifest, and were the same; null where nothing was restored.</summary>
    public bool? Verified { get; init; }

    /// <summary>What was not proven or not carried over, in words.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    public TimeSpan Duration { get; init; }

    /// <summary>How long nobody could use the database under its name.</summary>
    public TimeSpan SwapDuration { get; init; }

    /// <summary>Nothing was done: this is what would be.</summary>
    public bool WhatIf { get; init; }
}
