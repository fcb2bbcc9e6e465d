using System.Buffers;
using System.Collections.Concurrent;

namespace DbSafety.Backups.Compression;

/// <summary>Packs each block as a zstd frame with a checksum.</summary>
internal sealed unsafe class ZstdPacker(int level) : IBlockPacker
{
    private readonly ConcurrentBag<nint> idle = [];

    /// <summary>Twice the window of the default level: what a frame cannot reference costs almost nothing.</summary>
    public int BlockSize => 4 << 20;

    public ArraySegment<byte> Pack(ReadOnlySpan<byte> block)
    {
        var context = idle.TryTake(out var used) ? used : Create();
        var packed = ArrayPool<byte>.Shared.Rent((int)ZstdLibrary.ZSTD_compressBound((nuint)block.Length));
        fixed (byte* source = block)
        fixed (byte* room = packed)
        {
            var length = ZstdLibrary.Check(ZstdLibrary.ZSTD_compress2(context, room, (nuint)packed.Length, source, (nuint)block.Length));
            idle.Add(context);
            return new ArraySegment<byte>(packed, 0, (int)length);
        }
    }

    public void Dispose()
    {
        while (idle.TryTake(out var context))
            _ = ZstdLibrary.ZSTD_freeCCtx(context);
    }

    private nint Create()
    {
        var context = ZstdLibrary.ZSTD_createCCtx();
        ZstdLibrary.Check(ZstdLibrary.ZSTD_CCtx_setParameter(context, ZstdLibrary.CompressionLevel, level));
        ZstdLibrary.Check(ZstdLibrary.ZSTD_CCtx_setParameter(context, ZstdLibrary.ChecksumFlag, 1));
        return context;
    }
}
