using System.IO.Pipes;
using System.Net.Security;
using System.Net.Sockets;

namespace DbSafety.Docker;

/// <summary>Ends our side of a connection and leaves the engine's open: this is how a program in a container sees the end of its input.</summary>
internal static class HalfClose
{
    public static async Task EndWritingAsync(Stream connection, CancellationToken ct)
    {
        switch (connection)
        {
            case NetworkStream network:
                network.Socket.Shutdown(SocketShutdown.Send);
                break;
            case SslStream tls:
                await tls.ShutdownAsync();
                break;
            case ProcessStream process:
                process.EndInput();
                break;
            case NamedPipeClientStream pipe:
                // The engine's pipe carries messages, and an empty one is the end (github.com/microsoft/go-winio, CloseWrite).
                await pipe.WriteAsync(ReadOnlyMemory<byte>.Empty, ct);
                break;
        }
    }
}
