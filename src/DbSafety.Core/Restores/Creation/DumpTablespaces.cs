using DbSafety.Backups.Dumps;
using DbSafety.Backups.Dumps.Archives;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;

namespace DbSafety.Restores.Creation;

/// <summary>The tablespaces that an archive names; the server reports those of a plain or foreign dump when it reaches them.</summary>
internal static class DumpTablespaces
{
    public static IEnumerable<string> Of(PgBackup backup)
    {
        if (backup.Manifest.Format == BackupFormat.Plain || backup.Foreign is not null)
            return [];
        var directory = backup.Manifest.Format == BackupFormat.Directory;
        using var dump = directory ? SetFiles.Open(Path.Combine(backup.Payload, "toc.dat")) : PayloadStream.Open(backup);
        return ArchiveToc.Read(new DumpInput(dump), directory).Entries.Select(e => e.Tablespace).Where(t => t.Length > 0).Distinct(StringComparer.Ordinal).ToList();
    }
}
