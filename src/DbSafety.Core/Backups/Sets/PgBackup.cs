using System.Text.Json.Serialization;
using DbSafety.Audit;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Writes;

namespace DbSafety.Backups.Sets;

/// <summary>The state of a set, without reading its contents.</summary>
public enum BackupState
{
    /// <summary>Payload and manifest exist and have the right size.</summary>
    Intact,

    /// <summary>Complete as it was created, but of only a part of the database, which its manifest's scope names.</summary>
    Excerpt,

    /// <summary>A payload or file is missing, or of the wrong size.</summary>
    Damaged,

    /// <summary>Left by an interrupted run.</summary>
    Incomplete,

    /// <summary>A dump that DbSafety did not create.</summary>
    Foreign,
}

/// <summary>A backup set.</summary>
/// <param name="Path">The manifest's full path; of a foreign dump its own.</param>
public sealed record PgBackup(string Path, BackupManifest Manifest)
{
    public BackupState State { get; init; } = Manifest.Scope is null ? BackupState.Intact : BackupState.Excerpt;

    /// <summary>Set if DbSafety did not create it; the manifest is then built from the dump itself.</summary>
    internal ForeignDump? Foreign { get; init; }

    /// <summary>What the database held when the backup was created, for the run that created it; not part of the set.</summary>
    internal DatabaseState? Source { get; init; }

    /// <summary>Retention does not remove the set before; null: it is not pinned.</summary>
    public DateTimeOffset? PinnedUntil { get; init; }

    /// <summary>Why it is pinned.</summary>
    public string? PinReason { get; init; }

    /// <summary>According to the log: it does not count as intact.</summary>
    internal bool FailedLastTest { get; init; }

    /// <summary>A script of rows that were committed after the backup is next to it, and can be the only copy of these rows.</summary>
    internal bool HasRowsSince { get; init; }

    /// <summary>What retention decided; null: it was not asked.</summary>
    public RetentionDecision? Decision { get; init; }

    /// <summary>Why retention decided so.</summary>
    public string? Reason { get; init; }

    /// <summary>It existed before: no backup was created, because this one was recent enough.</summary>
    public bool IsReused { get; init; }

    public string Database => Manifest.Database;

    public string Environment => Manifest.Environment;

    /// <summary>The server it comes from: <c>host:port</c>, or a container's or a volume's name; empty if a dump does not record it. Not called Server: by that name, a set on a pipeline would choose the server that it is restored to.</summary>
    public string SourceServer => BackupSeries.ServerOf(Manifest.Source);

    /// <summary>The cluster's <c>system_identifier</c>; null where the manifest has none. SourceServer, identifier, environment and database form the series that retention uses.</summary>
    public string? SystemIdentifier => Manifest.Source.SystemIdentifier;

    public DateTimeOffset SnapshotTime => Manifest.SnapshotTime;

    public int Tables => Manifest.Tables.Count;

    public long Rows => Manifest.Rows;

    /// <summary>Bytes of all files but the manifest.</summary>
    public long Bytes => Manifest.Bytes;

    public TimeSpan Duration => TimeSpan.FromSeconds(Manifest.DurationSeconds);

    public IReadOnlyList<string> Labels => Manifest.Labels;

    /// <summary>The payload's full path: a file, or for a directory dump the folder.</summary>
    public string Payload => System.IO.Path.Combine(Folder, PayloadName);

    [JsonIgnore]
    public string Folder => System.IO.Path.GetDirectoryName(Path)!;

    internal LoggedSet Logged => new(Path, Manifest.Seal is { Length: > 0 } seal ? seal : null);

    private string PayloadName => Manifest.Files[0].Path.Split('/')[0];
}
