namespace DbSafety.Backups.Compression;

/// <summary>Compresses what is written to it with zstd on several cores. Disposing ends the frame; the target stays open.</summary>
internal sealed unsafe class ZstdCompressStream : WriteOnlyStream
{
    private readonly Stream target;
    private readonly byte[] output = new byte[128 * 1024];
    private nint context;

    public ZstdCompressStream(Stream target, int level, int workers)
    {
        this.target = target;
        context = ZstdLibrary.ZSTD_createCCtx();
        ZstdLibrary.Check(ZstdLibrary.ZSTD_CCtx_setParameter(context, ZstdLibrary.CompressionLevel, level));
        ZstdLibrary.Check(ZstdLibrary.ZSTD_CCtx_setParameter(context, ZstdLibrary.ChecksumFlag, 1));
        // A library that was built for one thread refuses this and compresses on one core.
        _ = ZstdLibrary.ZSTD_CCtx_setParameter(context, ZstdLibrary.Workers, workers);
    }

    public override void Write(ReadOnlySpan<byte> data)
    {
        fixed (byte* source = data)
        {
            var input = new ZstdLibrary.Buffer { Data = source, Size = (nuint)data.Length };
            while (input.Position < input.Size)
                Step(&input, ZstdLibrary.Continue);
        }
    }

    /// <summary>Ends the frame. What is written without it cannot be read back whole.</summary>
    public override void Complete()
    {
        var input = default(ZstdLibrary.Buffer);
        while (Step(&input, ZstdLibrary.End) != 0)
        {
            // Until all is out.
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (context != 0)
            _ = ZstdLibrary.ZSTD_freeCCtx(context);
        context = 0;
        base.Dispose(disposing);
    }

    private nuint Step(ZstdLibrary.Buffer* input, int end)
    {
        fixed (byte* room = output)
        {
            var result = new ZstdLibrary.Buffer { Data = room, Size = (nuint)output.Length };
            var left = ZstdLibrary.Check(ZstdLibrary.ZSTD_compressStream2(context, &result, input, end));
            target.Write(output, 0, (int)result.Position);
            return left;
        }
    }
}
