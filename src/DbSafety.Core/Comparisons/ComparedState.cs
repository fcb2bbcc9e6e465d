using DbSafety.Backups;
using DbSafety.Databases;

namespace DbSafety.Comparisons;

/// <summary>What is known of one side, whatever it is.</summary>
/// <param name="Name">For people.</param>
/// <param name="Scope">What part of a database it is; null: all of it.</param>
internal sealed record ComparedState(string Name, PgFingerprint State, BackupScope? Scope)
{
    public static ComparedState Of(PgFingerprint fingerprint) => new($"{fingerprint.Database} on {fingerprint.Server}", fingerprint, null);

    public static ComparedState Of(BackupManifest manifest, string path) => new(
        (manifest.SchemaHash.Length > 0 || manifest.Scope is not null ? "the backup " : "the dump ") + Path.GetFileNameWithoutExtension(path),
        new PgFingerprint
        {
            Server = $"{manifest.Source.Host}:{manifest.Source.Port}",
            Database = manifest.Database,
            ServerMajor = manifest.Source.ServerMajor,
            TakenAt = manifest.SnapshotTime,
            Tables = manifest.Tables,
            Sequences = manifest.Sequences,
            LargeObjects = manifest.LargeObjects,
            SchemaHash = manifest.SchemaHash,
            SchemaHashVersion = manifest.SchemaHashVersion ?? Databases.SchemaHash.Version,
            Definitions = manifest.Definitions,
            NotCounted = manifest.NotProven,
        },
        manifest.Scope);

    public bool HasChecksums => State.Tables.Any(t => t.Checksum is not null);

    /// <summary>Whether large objects are in it: pg_dump leaves them out of a selection.</summary>
    public bool HasLargeObjects => Scope is null || (Scope.Tables.Count == 0 && Scope.Schemas.Count == 0 && !Scope.SchemaOnly);

    /// <summary>It says nothing of this table, which may be there: it is no part of it, or it was measured before configuration of extensions was counted.</summary>
    public bool LeavesOut(TableCount table) =>
        (Scope is not null && Scope.LeftOut.Contains(table.ToString())) || (table.Extension is not null && State.NotCounted.Contains($"extension's own table {table}"));
}
