using DbSafety.Backups.Compression;

namespace DbSafety.Backups;

/// <summary>The dump inside a set of one file, unpacked while it is read.</summary>
internal static class PayloadStream
{
    public static Stream Open(PgBackup backup) =>
        backup.Foreign?.Open() ?? PayloadCompression.Of(backup.Manifest.Compression).Decompress(SetFiles.Open(backup.Payload), backup.Payload);
}
