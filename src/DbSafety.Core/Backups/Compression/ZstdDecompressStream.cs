namespace DbSafety.Backups.Compression;

/// <summary>Decompresses zstd while it is read; an incomplete frame is an error, not an end.</summary>
internal sealed unsafe class ZstdDecompressStream(Stream source) : ReadOnlyStream
{
    private readonly byte[] input = new byte[128 * 1024];
    private nint context = ZstdLibrary.ZSTD_createDCtx();
    private int at;
    private int end;
    private nuint frameLeft;

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        fixed (byte* room = buffer)
        fixed (byte* packed = input)
        {
            var result = new ZstdLibrary.Buffer { Data = room, Size = (nuint)buffer.Length };
            while (result.Position == 0)
            {
                var sourceEnded = at == end && !Refill();
                if (sourceEnded && frameLeft == 0)
                    return 0;
                var piece = new ZstdLibrary.Buffer { Data = packed, Size = (nuint)end, Position = (nuint)at };
                frameLeft = ZstdLibrary.Check(ZstdLibrary.ZSTD_decompressStream(context, &result, &piece));
                at = (int)piece.Position;
                if (sourceEnded && result.Position == 0)
                    throw new InvalidDataException("zstd: unexpected end of file");
            }

            return (int)result.Position;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (context != 0)
            _ = ZstdLibrary.ZSTD_freeDCtx(context);
        context = 0;
        if (disposing)
            source.Dispose();
        base.Dispose(disposing);
    }

    private bool Refill()
    {
        at = 0;
        end = source.Read(input, 0, input.Length);
        return end > 0;
    }
}
