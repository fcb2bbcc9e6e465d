using System.IO.Compression;

namespace DbSafety.Backups.Compression;

/// <summary>
/// Unpacks gzip while it is read, and finds what <see cref="GZipStream"/> passes over: a member that is cut off, and bytes behind the last
/// one. A member of our own is put behind the source; only where it comes out again did the source end where a member ends.
/// </summary>
internal sealed class GzipDecompressStream : ReadOnlyStream
{
    private static readonly byte[] Mark = "dbsafety: the end"u8.ToArray();

    private readonly GZipStream gzip;
    private readonly byte[] buffer = new byte[128 * 1024];
    private int at;
    private int end;
    private bool ended;

    public GzipDecompressStream(Stream source) => gzip = new GZipStream(new Marked(source, Packed()), CompressionMode.Decompress);

    public override int Read(Span<byte> target)
    {
        // As many bytes as the mark has are always held back, for they may be the mark.
        while (end - at <= Mark.Length && !ended)
            Refill();
        var count = Math.Min(target.Length, end - at - Mark.Length);
        buffer.AsSpan(at, count).CopyTo(target);
        at += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            gzip.Dispose();
        base.Dispose(disposing);
    }

    private void Refill()
    {
        buffer.AsSpan(at, end - at).CopyTo(buffer);
        (end, at) = (end - at, 0);
        var read = gzip.Read(buffer, end, buffer.Length - end);
        end += read;
        if (read > 0)
            return;
        ended = true;
        if (!buffer.AsSpan(at, end - at).SequenceEqual(Mark))
            throw new InvalidDataException("gzip: the data is cut off, or something else stands behind it");
    }

    private static byte[] Packed()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(Mark);
        return packed.ToArray();
    }

    /// <summary>The source, and behind it the packed mark.</summary>
    private sealed class Marked(Stream source, byte[] mark) : ReadOnlyStream
    {
        private int marked = -1;
        private bool any;

        public override int Read(Span<byte> buffer)
        {
            if (marked < 0 && source.Read(buffer) is > 0 and var read)
            {
                any = true;
                return read;
            }

            if (!any)
                throw new InvalidDataException("gzip: there is no data at all");
            marked = Math.Max(marked, 0);
            var count = Math.Min(buffer.Length, mark.Length - marked);
            mark.AsSpan(marked, count).CopyTo(buffer);
            marked += count;
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                source.Dispose();
            base.Dispose(disposing);
        }
    }
}
