using System.IO.Compression;

namespace DbSafety.Backups.Compression;

/// <summary>
/// Gzip on several cores, for machines without libzstd: blocks of a megabyte, each a gzip member of its own. RFC 1952 (2.2) lets members
/// follow one another, and gunzip reads them as one.
/// </summary>
internal sealed class ParallelGzipStream(Stream target, int workers, int level) : WriteOnlyStream
{
    private const int BlockSize = 1 << 20;

    /// <summary>A member without data, which GZipStream does not write by itself: a file that is empty altogether is no gzip file.</summary>
    private static ReadOnlySpan<byte> Nothing => [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private readonly Queue<Task<MemoryStream>> pending = new();
    private byte[] block = new byte[BlockSize];
    private int filled;
    private bool any;

    public override void Write(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            var count = Math.Min(data.Length, BlockSize - filled);
            data[..count].CopyTo(block.AsSpan(filled));
            filled += count;
            data = data[count..];
            if (filled == BlockSize)
                Hand();
        }
    }

    public override void Complete()
    {
        if (filled > 0)
            Hand();
        if (!any)
            target.Write(Nothing);
        while (pending.Count > 0)
            WriteFirst();
    }

    private void Hand()
    {
        any = true;
        while (pending.Count >= workers * 2)
            WriteFirst();
        var (data, count) = (block, filled);
        pending.Enqueue(Task.Run(() =>
        {
            var packed = new MemoryStream(BlockSize / 2);
            using (var gzip = new GZipStream(packed, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true))
                gzip.Write(data, 0, count);
            return packed;
        }));
        block = new byte[BlockSize];
        filled = 0;
    }

    private void WriteFirst()
    {
        using var packed = pending.Dequeue().GetAwaiter().GetResult();
        packed.WriteTo(target);
    }
}
