namespace DbSafety.Backups.Compression;

/// <summary>A cancellation does not wait for the end of a table: each read checks for it.</summary>
internal sealed class StoppableStream(Stream source, CancellationToken ct) : ReadOnlyStream
{
    public override int Read(Span<byte> buffer)
    {
        ct.ThrowIfCancellationRequested();
        return source.Read(buffer);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source.Dispose();
        base.Dispose(disposing);
    }
}
