using System.IO.Compression;

namespace DbSafety.Backups.Compression;

/// <summary>
/// Decompresses gzip while it is read, and detects what <see cref="GZipStream"/> ignores: an incomplete member, and trailing data after the last
/// one. A member of DbSafety is appended to the source; only if it is read again, the source ended where a member ends. Zeros that pad the last member, as tapes
/// and dd leave them, are skipped as gzip does.
/// </summary>
internal sealed class GzipDecompressStream : ReadOnlyStream
{
    private static readonly byte[] Mark = "dbsafety: the end"u8.ToArray();

    private readonly GZipStream gzip;
    private readonly Marked marked;
    private readonly byte[] buffer = new byte[128 * 1024];
    private int at;
    private int end;
    private bool ended;

    public GzipDecompressStream(Stream source) => gzip = new GZipStream(marked = new Marked(source, Packed()), CompressionMode.Decompress);

    public override int Read(Span<byte> target)
    {
        // The last bytes, as many as the mark has, are always held back, because they can be the mark.
        while (end - at <= Mark.Length && !ended)
            Refill();
        var count = Math.Min(target.Length, end - at - (marked.EndsInPadding && ended ? 0 : Mark.Length));
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
        if (!marked.EndsInPadding && !buffer.AsSpan(at, end - at).SequenceEqual(Mark))
            throw new InvalidDataException("gzip: unexpected end of file, or trailing data");
    }

    private static byte[] Packed()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(Mark);
        return packed.ToArray();
    }

    /// <summary>
    /// The source, followed by the packed mark. Zeros at the end of the source are handed on one by one: whoever takes them for data takes all of them and the mark, and
    /// whoever stops among them has read a member to its end.
    /// </summary>
    private sealed class Marked(Stream source, byte[] mark) : ReadOnlyStream
    {
        private readonly byte[] chunk = new byte[64 * 1024];
        private int next;
        private int filled;

        /// <summary>Zeros that precede the chunk, and zeros that end what was read, of which nothing else may follow.</summary>
        private long zeros;
        private long last;
        private int given = -1;
        private bool any;

        /// <summary>The source has ended, and what was handed on last are zeros of its end.</summary>
        public bool EndsInPadding => given == 0;

        public override int Read(Span<byte> buffer)
        {
            if (buffer.IsEmpty)
                return 0;
            if (given < 0 && (zeros > 0 || next < filled || Refill()))
                return Hand(buffer);
            if (!any)
                throw new InvalidDataException("gzip: the file is empty");
            if (last > 0)
            {
                (last, given, buffer[0]) = (last - 1, 0, 0);
                return 1;
            }

            given = Math.Max(given, 0);
            var count = Math.Min(buffer.Length, mark.Length - given);
            mark.AsSpan(given, count).CopyTo(buffer);
            given += count;
            return count;
        }

        private int Hand(Span<byte> buffer)
        {
            if (zeros > 0)
            {
                var some = (int)Math.Min(zeros, buffer.Length);
                buffer[..some].Clear();
                zeros -= some;
                return some;
            }

            var count = Math.Min(buffer.Length, filled - next);
            chunk.AsSpan(next, count).CopyTo(buffer);
            next += count;
            return count;
        }

        /// <returns>Whether anything but zeros follows.</returns>
        private bool Refill()
        {
            while (source.Read(chunk, 0, chunk.Length) is > 0 and var read)
            {
                any = true;
                (next, filled) = (0, chunk.AsSpan(0, read).LastIndexOfAnyExcept((byte)0) + 1);
                if (filled > 0)
                {
                    (zeros, last) = (last, read - filled);
                    return true;
                }

                last += read;
            }

            (next, filled) = (0, 0);
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                source.Dispose();
            base.Dispose(disposing);
        }
    }
}
