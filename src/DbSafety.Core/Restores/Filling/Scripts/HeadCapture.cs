using DbSafety.Backups.Compression;

namespace DbSafety.Restores.Filling.Scripts;

/// <summary>Passes a stream through and keeps its beginning until it is read.</summary>
internal sealed class HeadCapture(Stream source) : ReadOnlyStream
{
    private MemoryStream? kept = new();

    /// <summary>The first <paramref name="length"/> bytes; from now on nothing is kept.</summary>
    public byte[] Take(long length)
    {
        var head = kept!.GetBuffer().AsSpan(0, (int)length).ToArray();
        kept = null;
        return head;
    }

    public override int Read(Span<byte> buffer)
    {
        var read = source.Read(buffer);
        kept?.Write(buffer[..read]);
        return read;
    }
}
