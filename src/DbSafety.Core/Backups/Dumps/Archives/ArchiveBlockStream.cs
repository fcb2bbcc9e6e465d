using DbSafety.Backups.Compression;

namespace DbSafety.Backups.Dumps.Archives;

/// <summary>The data of one block of a custom archive, its chunks put together again; it ends where the block ends.</summary>
internal sealed class ArchiveBlockStream(DumpInput input, int integerBytes) : ReadOnlyStream
{
    private int left;
    private bool ended;

    /// <summary>Fills the buffer up to the end of the block, because a chunk is often only one row.</summary>
    public override int Read(Span<byte> buffer)
    {
        var filled = 0;
        while (filled < buffer.Length && !ended)
        {
            if (left == 0)
            {
                left = ArchiveToc.ReadInt(input, integerBytes);
                if (left < 0)
                    throw new DumpDamagedException($"invalid block length near byte {input.Position:N0}");
                ended = left == 0;
                continue;
            }

            var data = input.Peek();
            if (data.IsEmpty)
                throw input.CutOff();
            var taken = Math.Min(Math.Min(left, data.Length), buffer.Length - filled);
            data[..taken].CopyTo(buffer[filled..]);
            input.Take(taken);
            left -= taken;
            filled += taken;
        }

        return filled;
    }
}
