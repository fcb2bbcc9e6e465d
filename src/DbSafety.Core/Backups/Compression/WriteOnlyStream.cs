namespace DbSafety.Backups.Compression;

/// <summary>The common base of compressing streams: they are write-only, and their end is written explicitly.</summary>
internal abstract class WriteOnlyStream : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Writes what is still held back and the end mark. A stream that is disposed without it leaves a damaged file intentionally.</summary>
    public abstract void Complete();

    public abstract override void Write(ReadOnlySpan<byte> buffer);

    /// <summary>
    /// Where a reader enters what was written who wants the bytes from <paramref name="position"/> on: an offset into what came out, and the
    /// bytes to skip after it. Known when <see cref="Complete"/> was called.
    /// </summary>
    public virtual (long Offset, int Skip) PlaceOf(long position) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
