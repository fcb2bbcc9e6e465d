using System.Runtime.InteropServices;
using DbSafety.Docker.Engine.Transport;
using Docker.DotNet;
using Docker.DotNet.Handler.Abstractions;
using Docker.DotNet.Models;
using Docker.DotNet.NPipe;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Net.Http.Client;
using Version = System.Version;

namespace DbSafety.Docker.Engine;

/// <summary>
/// The streams of one program in a container. Docker.DotNet takes the connection out of HTTP and the two outputs apart
/// (https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach); opening the connection and ending the input
/// are DbSafety's, except for named pipes, whose input ends only with a native write of zero bytes.
/// </summary>
internal sealed class ExecConnection : IDisposable
{
    private readonly DockerClient client;
    private EngineStream? connection;
    private MultiplexedStream? streams;

    private ExecConnection(EngineAddress address, Version version) => client = EngineHandlers.Client(Handler(address), version);

    /// <summary>More than a frame's header can be read without waiting.</summary>
    public bool HasMore => connection?.Buffered > 8;

    /// <exception cref="IOException">The response ended unexpectedly.</exception>
    public static async Task<ExecConnection> OpenAsync(EngineAddress address, Version version, string exec, CancellationToken ct)
    {
        var opened = new ExecConnection(address, version);
        // Cancellation closes the connection, which ends the blocking read of its socket.
        await using var breaker = ct.Register(opened.Break);
        try
        {
            opened.streams = await Task.Run(() => opened.client.Exec.StartContainerExecAsync(exec, new ContainerExecStartParameters(), ct), CancellationToken.None);
            // The library treats the end of the stream as the end of the header.
            return opened.connection is { HasEnded: true } ? throw new EndOfStreamException() : opened;
        }
        catch (Exception e)
        {
            opened.Dispose();
            if (e is not DockerApiException && opened.connection is { HasEnded: true })
                throw new EndOfStreamException("unexpected end of the response's header", e);
            throw;
        }
    }

    /// <summary>Ends all calls that wait for the engine.</summary>
    public void Break()
    {
        if (connection is null)
            streams?.Dispose();
        else
            connection.Dispose();
    }

    /// <summary>The next bytes of either output.</summary>
    /// <exception cref="EngineStreamException">It ends inside a frame, or is not a framed stream: most likely it comes from a container with a terminal.</exception>
    public MultiplexedStream.ReadResult Read(Memory<byte> target)
    {
        try
        {
            var array = Array(target);
            return streams!.ReadOutputAsync(array.Array!, array.Offset, array.Count, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            throw new EngineStreamException(e);
        }
    }

    /// <exception cref="EngineStreamException">The connection was closed, or the program has ended.</exception>
    public void Write(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var array = Array(bytes);
            streams!.WriteAsync(array.Array!, array.Offset, array.Count, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw new EngineStreamException(e);
        }
    }

    /// <summary>The program sees the end of its input.</summary>
    public void EndInput() => streams!.CloseWrite();

    public void Dispose()
    {
        Break();
        streams?.Dispose();
        client.Dispose();
    }

    private static ArraySegment<byte> Array(ReadOnlyMemory<byte> memory) => MemoryMarshal.TryGetArray(memory, out var array) ? array : memory.ToArray();

    private HttpMessageHandler Handler(EngineAddress address)
    {
        if (address.Transport != EngineTransport.NamedPipe)
            return new ManagedHandler((_, _, ct) => OpenAsync(address, ct), NullLogger.Instance) { UseProxy = false, RedirectMode = RedirectMode.None };
        var options = new NPipeTransportOptions { ConfigureHandler = handler => (handler.UseProxy, handler.RedirectMode) = (false, RedirectMode.None) };
        return DockerHandlerFactory.Instance.CreateHandler(options, new ResolvedClientOptions { Endpoint = new Uri($"npipe://./pipe/{address.Path}") }, NullLogger.Instance).Handler;
    }

    private async Task<Stream> OpenAsync(EngineAddress address, CancellationToken ct)
    {
        connection = new EngineStream(await EngineConnection.OpenBlockingAsync(address, ct));
        if (!ct.IsCancellationRequested)
            return connection;
        // It was cancelled before the connection was open.
        await connection.DisposeAsync();
        throw new OperationCanceledException(ct);
    }
}
