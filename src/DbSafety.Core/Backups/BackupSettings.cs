using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Tables;

namespace DbSafety.Backups;

/// <summary>The destination of a backup, and how it is created.</summary>
/// <param name="Destination">The folder the set is written to.</param>
public record BackupSettings(string Destination)
{
    /// <summary>Part of the set's name, such as <c>prod</c>. Letters, digits, dot and hyphen.</summary>
    public string Environment { get; init; } = "default";

    public BackupFormat Format { get; init; } = BackupFormat.Custom;

    /// <summary>Free words to find the set by, such as <c>pre-migration</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Password verifiers of roles go into the globals file too.</summary>
    public bool IncludePasswords { get; init; }

    /// <summary>Settings of the server, <c>pg_hba.conf</c> and <c>pg_ident.conf</c> go along, as far as the role can read them.</summary>
    public bool IncludeServerSettings { get; init; }

    /// <summary>How long to wait for a table's lock.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Hash every table's rows as well as counting them.</summary>
    public bool Checksum { get; init; }

    /// <summary>Which part of the database; not specified: all of it.</summary>
    public BackupSelection Selection { get; init; } = new();

    /// <summary>0: none; zstd takes 1 to 19, gzip 1 to 9. Null: 3 for zstd, 1 for gzip, the fastest for their size.</summary>
    public int? CompressionLevel { get; init; }

    /// <summary>Cores used for compression and dumping; 0: all there are.</summary>
    public int Jobs { get; init; }

    /// <summary>
    /// For schedules: no backup is created if the newest intact set of exactly this database in the destination is at most this old; that set is returned. Null: a
    /// backup is always created.
    /// </summary>
    public TimeSpan? MaxAge { get; init; }
}
