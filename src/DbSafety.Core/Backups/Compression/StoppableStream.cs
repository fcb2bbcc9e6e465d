namespace DbSafety.Backups.Compression;

/// <summary>Whoever stops does not wait for the end of a table: each read looks whether it is still wanted.</summary>
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
