using System.Buffers;
using System.Buffers.Binary;

namespace DbSafety.Docker;

/// <summary>
/// Takes apart the stream of an exec or attach without a terminal: frames of a stream's number, three zero bytes, a big-endian length, and
/// as many bytes (https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach).
/// </summary>
public static class MultiplexedStream
{
    private const int HeaderLength = 8;

    /// <exception cref="InvalidDataException">It is no such stream; most likely it comes from a container with a terminal.</exception>
    /// <exception cref="EndOfStreamException">It ends inside a frame.</exception>
    public static async Task CopyAsync(Stream source, Stream output, Stream error, CancellationToken ct)
    {
        var header = new byte[HeaderLength];
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            while (await source.ReadAtLeastAsync(header, HeaderLength, throwOnEndOfStream: false, ct) is > 0 and var read)
            {
                if (read < HeaderLength)
                    throw new EndOfStreamException("the stream ends inside a frame's header");
                var target = header[0] switch
                {
                    // 0 is standard input, which engines echo on standard output.
                    0 or 1 => output,
                    2 => error,
                    _ => throw new InvalidDataException($"the stream has a frame of unknown kind {header[0]}"),
                };
                if ((header[1] | header[2] | header[3]) != 0)
                    throw new InvalidDataException("the stream has a frame whose header is not one");
                await CopyFrameAsync(source, target, BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)), buffer, ct);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task CopyFrameAsync(Stream source, Stream target, long left, byte[] buffer, CancellationToken ct)
    {
        while (left > 0)
        {
            var read = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), ct);
            if (read == 0)
                throw new EndOfStreamException($"the stream ends {left} bytes before its frame does");
            await target.WriteAsync(buffer.AsMemory(0, read), ct);
            left -= read;
        }
    }
}
