using System.Text.Json.Serialization;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Definitions;
using DbSafety.Databases.Tables;

namespace DbSafety.Backups.Sets.Folders;

/// <summary>
/// The manifest of a backup: its contents, with the row counts. It is written last, so a payload without a manifest is not a
/// backup, and it is sealed with a hash of its own content.
/// </summary>
public sealed record BackupManifest
{
    /// <summary>The format this program writes; a higher one was written by a newer program.</summary>
    public const int CurrentFormat = 1;

    public int FormatVersion { get; init; } = CurrentFormat;

    public required string Database { get; init; }

    public required string Environment { get; init; }

    public required BackupFormat Format { get; init; }

    /// <summary><c>zstd</c>, <c>gzip</c> or <c>none</c>.</summary>
    public required string Compression { get; init; }

    public IReadOnlyList<string> Labels { get; init; } = [];

    public required BackupSource Source { get; init; }

    /// <summary>When the snapshot was taken, in UTC by the server's clock.</summary>
    public required DateTimeOffset SnapshotTime { get; init; }

    /// <summary>The write-ahead log position at the snapshot; null on a standby where it is unknown.</summary>
    public string? Lsn { get; init; }

    /// <summary>Seconds from the first connection to the finished payload.</summary>
    public required double DurationSeconds { get; init; }

    /// <summary>Bytes that the database took on its server, indexes and bloat included; null where the set holds a part of it.</summary>
    public long? DatabaseBytes { get; init; }

    public required DatabaseProperties Properties { get; init; }

    /// <summary>Every table whose rows the dump holds, counted under the dump's own snapshot and again in the dump.</summary>
    public required IReadOnlyList<TableCount> Tables { get; init; }

    public required IReadOnlyList<SequenceValue> Sequences { get; init; }

    public required long LargeObjects { get; init; }

    public IReadOnlyList<ExtensionVersion> Extensions { get; init; } = [];

    /// <summary>Roles that the dump names as owners or in grants.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>What pg_dump always leaves out, and the backup therefore does not prove.</summary>
    public IReadOnlyList<string> NotProven { get; init; } = [];

    /// <summary>Secrets and other things in the dump that its keeper should know of.</summary>
    public IReadOnlyList<string> Findings { get; init; } = [];

    /// <summary>
    /// The <c>search_path</c> of the database and of its roles there, the most general first; null in sets of earlier versions. A restore uses it where a
    /// function depends on it.
    /// </summary>
    public IReadOnlyList<string>? SearchPaths { get; init; }

    /// <summary>Objects that do not restore with the safe search_path that a dump sets, such as <c>index app.t_f_idx</c>; null: none.</summary>
    public IReadOnlyList<string>? DependOnSearchPath { get; init; }

    /// <summary>What part of the database this is; null: all of it.</summary>
    public BackupScope? Scope { get; init; }

    /// <summary>
    /// SHA-256 over the definitions of all objects; comparable between servers of one major version, and within one version of the hash. Empty where
    /// the set holds a part only.
    /// </summary>
    public required string SchemaHash { get; init; }

    /// <summary>The version of <see cref="SchemaHash"/>; null in sets of earlier versions: 1.</summary>
    public int? SchemaHashVersion { get; init; }

    /// <summary>All definitions, as JSON, gzip and base64; null with version 1 of the hash, and where the set holds a part only.</summary>
    public string? Definitions { get; init; }

    /// <summary>
    /// The large objects with owners, privileges and comments, and with checksums their contents, in the form of <see cref="Definitions"/>; null in sets of earlier versions.
    /// </summary>
    public string? LargeObjectDefinitions { get; init; }

    /// <summary>Every file of the set but this one, with paths relative to it.</summary>
    public required IReadOnlyList<BackupFile> Files { get; init; }

    /// <summary>Where a custom archive continues after the data of its large tables; null in other formats.</summary>
    public IReadOnlyList<BlockEnd>? BlockEnds { get; init; }

    /// <summary>SHA-256 of this manifest with this field empty.</summary>
    public string Seal { get; init; } = "";

    [JsonIgnore]
    public long Rows => Tables.Sum(t => t.Rows);

    [JsonIgnore]
    public long Bytes => Files.Sum(f => f.Bytes);
}

/// <summary>The source of a backup. It never contains a password.</summary>
public sealed record BackupSource(string Host, int Port, string User, string ServerVersion, int ServerMajor, string PgDumpVersion)
{
    /// <summary>
    /// The cluster's <c>system_identifier</c> (<c>pg_control_system()</c>). A copy of a cluster's files has the same one. Null where the role may
    /// not read it, and in sets of earlier versions.
    /// </summary>
    public string? SystemIdentifier { get; init; }

    /// <summary>The OID of the database, which a database that replaces it does not have. Null in sets of earlier versions.</summary>
    public uint? DatabaseOid { get; init; }

    /// <summary>This machine's name, where the server was reached by a Unix socket or a loopback address: those are the same on every machine.</summary>
    public string? Machine { get; init; }

    public string? Container { get; init; }

    /// <summary>The Docker volume it was read from, where no container had it.</summary>
    public string? Volume { get; init; }

    internal static BackupSource Of(DatabaseTarget target, Version server, string pgDumpVersion, string? systemIdentifier) => new(target.Address, target.Port, target.Username, server.ToString(), server.Major, pgDumpVersion)
    {
        SystemIdentifier = systemIdentifier,
        Machine = BackupSeries.IsLocal(target.Address) ? System.Environment.MachineName : null,
        Container = target.Volume is null ? target.Container : null,
        Volume = target.Volume,
    };
}

/// <summary>One file of a set: bytes and SHA-256 in hex.</summary>
public sealed record BackupFile(string Path, long Bytes, string Sha256);

/// <summary>Where a reader continues that skips one table's data.</summary>
/// <param name="DumpId">The table's in the archive.</param>
/// <param name="Offset">A byte of the payload where decompression can start.</param>
/// <param name="Skip">Decompressed bytes there that still belong to the table.</param>
public sealed record BlockEnd(int DumpId, long Offset, int Skip);
