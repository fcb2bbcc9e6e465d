using System.Buffers.Binary;

namespace DbSafety.Docker;

/// <summary>
/// Standard output out of the stream of an exec or attach without a terminal: frames of a stream's number, three zero bytes, a big-endian length,
/// and as many bytes (https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach). What is standard error
/// goes elsewhere as it comes by.
/// </summary>
/// <exception cref="EngineStreamException">It ends inside a frame, or is no such stream: most likely it comes from a container with a terminal.</exception>
internal sealed class MultiplexedStream(Stream source, Stream error) : Stream
{
    private const int HeaderLength = 8;

    // Engines send frames of up to 32 KiB: one read takes in several.
    private readonly byte[] buffer = new byte[256 * 1024];
    private int start;
    private int end;
    private uint left;
    private bool isError;

    /// <summary>The engine has closed it, with no frame left unfinished.</summary>
    public bool HasEnded { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public static async Task CopyAsync(Stream source, Stream output, Stream error, CancellationToken ct)
    {
        await using var frames = new MultiplexedStream(source, error);
        await frames.CopyToAsync(output, ct);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            if (Take(buffer) is > 0 and var taken)
                return taken;
            if (buffer.IsEmpty || !Received(source.Read(Room())))
                return 0;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (Take(buffer.Span) is > 0 and var taken)
                return taken;
            if (buffer.IsEmpty || !Received(await source.ReadAsync(RoomAsync(), cancellationToken)))
                return 0;
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Takes what has arrived of standard output, over as many frames as there are.</summary>
    private int Take(Span<byte> target)
    {
        var taken = 0;
        while (taken < target.Length && (left > 0 || ReadHeader()) && (end > start || left == 0))
        {
            var size = (int)Math.Min(left, end - start);
            if (!isError)
                size = Math.Min(size, target.Length - taken);
            var bytes = buffer.AsSpan(start, size);
            if (isError)
                error.Write(bytes);
            else
                bytes.CopyTo(target[taken..]);
            (start, left, taken) = (start + size, left - (uint)size, isError ? taken : taken + size);
        }

        return taken;
    }

    private bool ReadHeader()
    {
        if (end - start < HeaderLength)
            return false;
        var header = buffer.AsSpan(start, HeaderLength);
        // 0 is standard input, which engines echo on standard output.
        if (header[0] > 2)
            throw new EngineStreamException($"the stream has a frame of unknown kind {header[0]}");
        if ((header[1] | header[2] | header[3]) != 0)
            throw new EngineStreamException("the stream has a frame whose header is not one");
        (isError, left, start) = (header[0] == 2, BinaryPrimitives.ReadUInt32BigEndian(header[4..]), start + HeaderLength);
        return true;
    }

    private Span<byte> Room() => RoomAsync().Span;

    private Memory<byte> RoomAsync()
    {
        // At most a part of a header is left over here.
        buffer.AsSpan(start, end - start).CopyTo(buffer);
        (start, end) = (0, end - start);
        return buffer.AsMemory(end);
    }

    private bool Received(int count)
    {
        end += count;
        if (count == 0 && (left > 0 || end > start))
            throw new EngineStreamException(left > 0 ? $"the stream ends {left} bytes before its frame does" : "the stream ends inside a frame's header");
        HasEnded |= count == 0;
        return count > 0;
    }
}
