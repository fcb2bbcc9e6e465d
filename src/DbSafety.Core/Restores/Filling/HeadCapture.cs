namespace DbSafety.Restores.Filling;

/// <summary>Passes a stream through and keeps its beginning, until that is taken.</summary>
internal sealed class HeadCapture(Stream source) : Stream
{
    private MemoryStream? kept = new();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The first <paramref name="length"/> bytes; from now on nothing is kept.</summary>
    public byte[] Take(long length)
    {
        var head = kept!.GetBuffer().AsSpan(0, (int)length).ToArray();
        kept = null;
        return head;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = source.Read(buffer, offset, count);
        kept?.Write(buffer, offset, read);
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
