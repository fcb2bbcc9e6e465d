namespace DbSafety.Backups.Compression;

/// <summary>No compression: data is written unchanged. The target stays open.</summary>
internal sealed class PassingStream(Stream target) : WriteOnlyStream
{
    public override void Write(ReadOnlySpan<byte> data) => target.Write(data);

    public override (long Offset, int Skip) PlaceOf(long position) => (position, 0);

    public override void Complete()
    {
        // Nothing is held back.
    }
}
