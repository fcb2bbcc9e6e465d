using DbSafety.Backups.Compression;
using DbSafety.Backups.Sets.Folders;

namespace DbSafety.Backups.Sets;

/// <summary>The dump inside a set of one file, decompressed while it is read.</summary>
internal static class PayloadStream
{
    public static Stream Open(PgBackup backup) => backup.Foreign?.Open() ?? Open(backup, 0);

    /// <summary>What follows a table's data.</summary>
    public static Stream Open(PgBackup backup, BlockEnd end)
    {
        var dump = Open(backup, end.Offset);
        try
        {
            var passed = new byte[Math.Min(end.Skip, 256 * 1024)];
            for (var left = end.Skip; left > 0; left -= Math.Min(left, passed.Length))
                dump.ReadExactly(passed, 0, Math.Min(left, passed.Length));
            return dump;
        }
        catch
        {
            dump.Dispose();
            throw;
        }
    }

    private static Stream Open(PgBackup backup, long offset)
    {
        var file = SetFiles.Open(backup.Payload);
        if (offset > 0 && offset == file.Length)
        {
            file.Dispose();
            return Stream.Null;
        }

        file.Seek(offset, SeekOrigin.Begin);
        return PayloadCompression.Of(backup.Manifest.Compression).Decompress(file, backup.Payload);
    }
}
