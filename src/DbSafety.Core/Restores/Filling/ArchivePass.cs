using DbSafety.Backups.Dumps;
using DbSafety.Backups.Dumps.Archives;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;

namespace DbSafety.Restores.Filling;

/// <summary>Reads a custom archive of DbSafety block by block, each read or skipped; large blocks are skipped without decompressing them.</summary>
internal sealed class ArchivePass : IDisposable
{
    private readonly PgBackup backup;
    private readonly Dictionary<int, BlockEnd> ends;
    private readonly int integerBytes;
    private Stream dump;
    private DumpInput input;
    private int type;

    /// <param name="head">Bytes up to the end of the table of contents.</param>
    public ArchivePass(PgBackup backup, int head, int integerBytes)
    {
        this.backup = backup;
        this.integerBytes = integerBytes;
        ends = (backup.Manifest.BlockEnds ?? []).ToDictionary(e => e.DumpId);
        dump = PayloadStream.Open(backup, new BlockEnd(0, 0, head));
        input = new DumpInput(dump);
    }

    /// <summary>The entry that the block at hand belongs to.</summary>
    public int DumpId { get; private set; }

    /// <summary>Goes to the next block, after a block that was read to its end or skipped.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="DumpDamagedException">No block begins here.</exception>
    public bool Next()
    {
        type = input.TryReadByte();
        if (type < 0)
            return false;
        if (type is not (CustomArchive.DataBlock or CustomArchive.LargeObjectsBlock))
            throw new DumpDamagedException("no block begins where the previous block ends");
        DumpId = ArchiveToc.ReadInt(input, integerBytes);
        return true;
    }

    /// <summary>The data of the block at hand, to be read to its end.</summary>
    public Stream Data() => new ArchiveBlockStream(input, integerBytes);

    public void Skip()
    {
        if (!ends.TryGetValue(DumpId, out var end))
        {
            CustomArchive.Skip(input, type, integerBytes);
            return;
        }

        dump.Dispose();
        dump = PayloadStream.Open(backup, end);
        input = new DumpInput(dump);
    }

    public void Dispose() => dump.Dispose();
}
