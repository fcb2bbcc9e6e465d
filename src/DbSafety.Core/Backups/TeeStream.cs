using DbSafety.Backups.Compression;
using DbSafety.Operations;

namespace DbSafety.Backups;

/// <summary>Data that is read is also written to the other stream: the counter and the file get the same bytes.</summary>
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
