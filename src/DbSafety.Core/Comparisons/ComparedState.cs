using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Definitions;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;

namespace DbSafety.Comparisons;

/// <summary>What is known of one side, of any kind.</summary>
/// <param name="Name">For people.</param>
/// <param name="Scope">What part of a database it is; null: all of it.</param>
internal sealed record ComparedState(string Name, PgFingerprint State, BackupScope? Scope)
{
    /// <summary>The database itself; null where nothing is known of it.</summary>
    public SchemaObject? Database { get; init; }

    /// <summary>The prefixes of the names of the database's properties that are unknown.</summary>
    public IReadOnlyList<string> NotRecorded { get; init; } = [];

    /// <summary>What a dump of another tool defines without its rows or values; null where all rows are counted.</summary>
    public DumpedDefinitions? Defined { get; init; }

    public static ComparedState Of(PgFingerprint fingerprint) => new($"{fingerprint.Database} on {fingerprint.Server}", fingerprint, null)
    {
        Database = fingerprint.DatabaseDefinition is { } definition ? SchemaDefinitions.Decode(definition).Objects.Single() : null,
    };

    public static ComparedState Of(PgBackup backup)
    {
        var manifest = backup.Manifest;
        var defined = DumpedDefinitions.Of(backup);
        var state = new PgFingerprint
        {
            Server = $"{manifest.Source.Host}:{manifest.Source.Port}",
            Database = manifest.Database,
            ServerMajor = manifest.Source.ServerMajor,
            TakenAt = manifest.SnapshotTime,
            Tables = defined is null ? manifest.Tables : [.. manifest.Tables.Concat(defined.Empty).Select(defined.WithRoot)],
            Sequences = manifest.Sequences,
            LargeObjects = manifest.LargeObjects,
            SchemaHash = manifest.SchemaHash,
            SchemaHashVersion = manifest.SchemaHashVersion ?? SchemaHash.Version,
            Definitions = manifest.Definitions,
            LargeObjectDefinitions = manifest.LargeObjectDefinitions,
            NotCounted = manifest.NotProven,
        };
        var file = Path.GetFileNameWithoutExtension(backup.Path);
        var name = backup.Foreign is null ? $"the backup {file}" : backup.Foreign.Section is { Length: > 0 } section && section != manifest.Database ? $"the database {section} of the dump {file}" : $"the dump {file}";
        return new(name, state, manifest.Scope)
        {
            Database = manifest.Properties.Collate.Length > 0 ? DatabaseDefinition.Of(manifest.Properties) : null,
            NotRecorded = [.. backup.Foreign is null ? NotRecordedBySet(manifest) : NotRecordedByDump(backup)],
            Defined = defined,
        };
    }

    public bool HasChecksums => State.Tables.Any(t => t.Checksum is not null)
        || (State.Tables.Count == 0 && State.LargeObjectDefinitions is { } objects && SchemaDefinitions.Decode(objects).Objects.Any(o => o.Properties.ContainsKey(LargeObjectReader.Contents)));

    /// <summary>Whether large objects are in it: pg_dump leaves them out of a selection, and by an option that a dump does not record.</summary>
    public bool HasLargeObjects => (Scope is null || (Scope.Tables.Count == 0 && Scope.Schemas.Count == 0 && !Scope.SchemaOnly)) && !(Defined is not null && State.LargeObjects == 0);

    /// <summary>Whether the values of sequences are in it.</summary>
    public bool HasSequences => Scope is null && Defined?.HoldsNoValues != true;

    /// <summary>It does not cover this table, which can exist: the table is not part of it, or it was measured before configuration of extensions was counted.</summary>
    public bool LeavesOut(TableCount table) =>
        (Scope is not null && Scope.LeftOut.Contains(table.ToString())) || (table.Extension is not null && State.NotCounted.Contains($"extension's own table {table}"))
        || Defined?.HoldsNoRowsOf(new TableName(table.Schema, table.Name)) == true;

    /// <summary>Sets of versions that did not record large objects possibly do not record these either.</summary>
    private static IEnumerable<string> NotRecordedBySet(BackupManifest manifest) =>
        manifest.LargeObjectDefinitions is null ? [DatabaseDefinition.Tablespace, DatabaseDefinition.AllowConnections, DatabaseDefinition.SecurityLabel, DatabaseDefinition.Privileges] : [];

    /// <summary>What a dump does not contain can have been left out by an option of pg_dump. No dump records whether connections are allowed.</summary>
    private static IEnumerable<string> NotRecordedByDump(PgBackup backup)
    {
        var (properties, toc) = (backup.Manifest.Properties, backup.Foreign!.Content?.Toc);
        // Those of large objects are in an archive of data alone.
        bool Has(string description) => toc?.Entries.Any(e => e.Description == description && !e.Tag.StartsWith("LARGE OBJECT", StringComparison.Ordinal)) == true;
        yield return DatabaseDefinition.AllowConnections;
        if (properties.Owner.Length == 0)
            yield return "owner";
        if (properties.Comment is null && !Has("COMMENT"))
            yield return DatabaseDefinition.Comment;
        if (properties.Grants is null && !Has("ACL"))
            yield return DatabaseDefinition.Privileges;
        if (properties.SecurityLabels is null && !Has("SECURITY LABEL"))
            yield return DatabaseDefinition.SecurityLabel;
        if (properties.Tablespace is null && toc is null)
            yield return DatabaseDefinition.Tablespace;
    }
}
