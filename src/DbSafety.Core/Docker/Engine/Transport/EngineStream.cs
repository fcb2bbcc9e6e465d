using System.Net.Security;
using System.Net.Sockets;
using Docker.DotNet.Handler.Abstractions;

namespace DbSafety.Docker.Engine.Transport;

/// <summary>
/// A bidirectional connection, as the library requires it. Reads and writes block on the socket itself, including asynchronous calls: engines
/// send 32 KiB at a time, and a single asynchronous call would permanently disable a socket's blocking reads, which are faster.
/// </summary>
internal sealed class EngineStream(Stream connection) : WriteClosableStream
{
    // The library reads a frame's header by itself: one read takes in several frames.
    private readonly byte[] buffer = new byte[256 * 1024];
    private int start;
    private int end;

    /// <summary>The engine has closed it.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Bytes that can be read without waiting.</summary>
    public int Buffered => end - start;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override bool CanCloseWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        if (start == end)
        {
            (start, end) = (0, connection.Read(this.buffer));
            HasEnded |= end == 0;
        }

        var count = Math.Min(buffer.Length, end - start);
        this.buffer.AsSpan(start, count).CopyTo(buffer);
        start += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.FromResult(Read(buffer.AsSpan(offset, count)));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        connection.Write(buffer);
        connection.Flush();
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Flush() => connection.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        Flush();
        return Task.CompletedTask;
    }

    /// <summary>Closes DbSafety's side and leaves the engine's open: a program in a container then sees the end of its input.</summary>
    public override void CloseWrite()
    {
        switch (connection)
        {
            case NetworkStream network:
                network.Socket.Shutdown(SocketShutdown.Send);
                break;
            case SslStream tls:
                tls.ShutdownAsync().GetAwaiter().GetResult();
                break;
            case ProcessStream process:
                process.EndInput();
                break;
            default:
                throw new NotSupportedException($"a {connection.GetType().Name} cannot close one direction only");
        }
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            connection.Dispose();
        base.Dispose(disposing);
    }
}
