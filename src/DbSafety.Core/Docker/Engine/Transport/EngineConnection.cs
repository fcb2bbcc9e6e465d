using System.IO.Pipes;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using DbSafety.Errors;

namespace DbSafety.Docker.Engine.Transport;

/// <summary>Opens the byte stream to an engine and reports why it could not be opened.</summary>
internal static class EngineConnection
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(10);

    /// <exception cref="DbSafetyException"><c>DBS501</c>, <c>DBS502</c>, <c>DBS508</c>.</exception>
    public static async ValueTask<Stream> OpenAsync(EngineAddress address, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(WaitLimit);
        try
        {
            return address.Transport switch
            {
                EngineTransport.UnixSocket => await SocketAsync(
                    new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified),
                    (socket, token) => socket.ConnectAsync(new UnixDomainSocketEndPoint(address.Path), token),
                    limit.Token),
                EngineTransport.Tcp => await TcpAsync(address, limit.Token),
                EngineTransport.Tls => await TlsConnection.OpenAsync(address, await TcpAsync(address, limit.Token), limit.Token),
                EngineTransport.Ssh => SshConnection.Open(address),
                _ => await PipeAsync(address.Path, limit.Token),
            };
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or TimeoutException or ArgumentOutOfRangeException or AuthenticationException or CryptographicException)
        {
            throw Explained(address, e);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw ErrorCatalogue.EngineUnreachable.Because(e, address.Text, $"it did not accept the connection within {WaitLimit.TotalSeconds:0} s");
        }
    }

    /// <summary>
    /// A connection whose reads and writes block on the socket itself. A socket that was once used asynchronously no longer can; TLS, pipes and
    /// ssh are not changed.
    /// </summary>
    public static async Task<Stream> OpenBlockingAsync(EngineAddress address, CancellationToken ct)
    {
        if (address.Transport != EngineTransport.UnixSocket)
            return await OpenAsync(address, ct);
        ct.ThrowIfCancellationRequested();
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(address.Path));
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e) when (e is SocketException or ArgumentOutOfRangeException)
        {
            socket.Dispose();
            throw Explained(address, e);
        }
    }

    /// <summary>The error for a failed connection.</summary>
    internal static DbSafetyException Explained(EngineAddress address, Exception cause) => cause switch
    {
        UnauthorizedAccessException or SocketException { SocketErrorCode: SocketError.AccessDenied } => ErrorCatalogue.EngineForbidden.Because(cause, address.Text),
        // .NET reports a missing socket file as "cannot assign requested address".
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } when address.Transport == EngineTransport.UnixSocket =>
            ErrorCatalogue.EngineUnreachable.Because(cause, address.Text, "the socket does not exist"),
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } =>
            ErrorCatalogue.EngineUnreachable.Because(cause, address.Text, "connection refused"),
        TimeoutException => ErrorCatalogue.EngineUnreachable.Because(cause, address.Text, "the pipe does not exist"),
        AuthenticationException => ErrorCatalogue.EngineUnreachable.Because(cause, address.Text, $"TLS failed ({(cause.InnerException ?? cause).Message}); check ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH"),
        CryptographicException => ErrorCatalogue.EngineAddressInvalid.Because(cause, address.Text, $"its certificate files cannot be read ({cause.Message})"),
        _ => ErrorCatalogue.EngineUnreachable.Because(cause, address.Text, cause.Message),
    };

    private static Task<Stream> TcpAsync(EngineAddress address, CancellationToken ct) => SocketAsync(
        new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true },
        (socket, token) => socket.ConnectAsync(address.Path, address.Port, token),
        ct);

    private static async Task<Stream> SocketAsync(Socket socket, Func<Socket, CancellationToken, ValueTask> connect, CancellationToken ct)
    {
        try
        {
            await connect(socket, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<Stream> PipeAsync(string name, CancellationToken ct)
    {
        var pipe = new NamedPipeClientStream(".", name, PipeDirection.InOut, PipeOptions.Asynchronous);
        try
        {
            // A busy engine soon frees its pipe; a missing pipe never appears.
            await pipe.ConnectAsync(2000, ct);
            return pipe;
        }
        catch
        {
            await pipe.DisposeAsync();
            throw;
        }
    }
}
