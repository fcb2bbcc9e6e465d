using System.Buffers;

namespace DbSafety.Backups.Compression;

/// <summary>
/// Compresses on several cores: blocks of one size, each packed by itself. The compressed blocks, one after the other, are one stream to gunzip
/// and to zstd (RFC 1952, 2.2; RFC 8878, 3), and can be entered wherever a block begins.
/// </summary>
internal sealed class BlockCompressStream(Stream target, IBlockPacker packer, int workers) : WriteOnlyStream
{
    /// <summary>The most bytes that wait, packed or not, regardless of the number of cores.</summary>
    private const int MostWaiting = 64 << 20;

    private readonly int mostPending = Math.Clamp(workers * 2, 1, MostWaiting / packer.BlockSize);
    private readonly Queue<Task<ArraySegment<byte>>> pending = new();
    private readonly List<long> starts = [];
    private byte[] block = ArrayPool<byte>.Shared.Rent(packer.BlockSize);
    private int filled;
    private long written;

    public override void Write(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            var count = Math.Min(data.Length, packer.BlockSize - filled);
            data[..count].CopyTo(block.AsSpan(filled));
            filled += count;
            data = data[count..];
            if (filled == packer.BlockSize)
                Hand();
        }
    }

    public override void Complete()
    {
        // No data at all is a block too: a file that is empty altogether is neither of gzip nor of zstd.
        if (filled > 0 || (starts.Count == 0 && pending.Count == 0))
            Hand();
        while (pending.Count > 0)
            WriteFirst();
    }

    public override (long Offset, int Skip) PlaceOf(long position)
    {
        var (number, skip) = ((int)(position / packer.BlockSize), (int)(position % packer.BlockSize));
        return number < starts.Count ? (starts[number], skip) : (written, 0);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // What is still being packed uses the packer.
            foreach (var task in pending)
                task.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Wait();
            packer.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Hand()
    {
        while (pending.Count >= mostPending)
            WriteFirst();
        var (data, count) = (block, filled);
        pending.Enqueue(Task.Run(() =>
        {
            var packed = packer.Pack(data.AsSpan(0, count));
            ArrayPool<byte>.Shared.Return(data);
            return packed;
        }));
        block = ArrayPool<byte>.Shared.Rent(packer.BlockSize);
        filled = 0;
    }

    private void WriteFirst()
    {
        var packed = pending.Dequeue().GetAwaiter().GetResult();
        starts.Add(written);
        target.Write(packed.AsSpan());
        written += packed.Count;
        ArrayPool<byte>.Shared.Return(packed.Array!);
    }
}
