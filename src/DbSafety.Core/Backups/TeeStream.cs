using DbSafety.Backups.Compression;
using DbSafety.Operations;

namespace DbSafety.Backups;

/// <summary>What is read from it is also written to the other side: the counter and the file see the same bytes.</summary>
internal sealed class TeeStream(Stream source, Stream copy, ByteProgress progress) : ReadOnlyStream
{
    public override int Read(Span<byte> buffer)
    {
        var read = source.Read(buffer);
        copy.Write(buffer[..read]);
        progress.Add(read);
        return read;
    }
}
