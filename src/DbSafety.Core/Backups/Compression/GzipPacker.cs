using System.Buffers;
using System.IO.Compression;

namespace DbSafety.Backups.Compression;

/// <summary>Packs each block as a gzip member, for machines without libzstd.</summary>
internal sealed class GzipPacker(int level) : IBlockPacker
{
    public int BlockSize => 1 << 20;

    /// <summary>A member without data, which GZipStream does not write on its own.</summary>
    private static ReadOnlySpan<byte> Nothing => [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public ArraySegment<byte> Pack(ReadOnlySpan<byte> block)
    {
        // At its fastest deflate has no code of less than 9 bits for most bytes.
        var packed = ArrayPool<byte>.Shared.Rent(block.Length + (block.Length / 4) + 1024);
        if (block.IsEmpty)
        {
            Nothing.CopyTo(packed);
            return new ArraySegment<byte>(packed, 0, Nothing.Length);
        }

        using var room = new MemoryStream(packed);
        using (var gzip = new GZipStream(room, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true))
            gzip.Write(block);
        return new ArraySegment<byte>(packed, 0, (int)room.Position);
    }

    public void Dispose()
    {
        // Nothing is kept.
    }
}
