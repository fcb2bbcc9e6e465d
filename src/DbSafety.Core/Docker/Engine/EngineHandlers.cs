using Docker.DotNet;
using Docker.DotNet.Handler.Abstractions;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Client;

namespace DbSafety.Docker.Engine;

/// <summary>
/// Provides handlers for Docker.DotNet that use DbSafety's connections. Plain calls use .NET's <see cref="SocketsHttpHandler"/>, and what the
/// engine takes out of HTTP (<see cref="ExecConnection"/>) through the library's <see cref="ManagedHandler"/>, which can close one direction only.
/// </summary>
internal sealed class EngineHandlers : IDockerHandlerFactory<HttpMessageHandler>
{
    private static readonly EngineHandlers Instance = new();

    /// <summary>Specifies no machine: the connection is opened with the engine's address.</summary>
    public static Uri Endpoint { get; } = new("http://docker/");

    /// <param name="version">Null for calls that need none.</param>
    public static DockerClient Client(HttpMessageHandler handler, Version? version) =>
        // Some calls run as long as the operation that they start: only the caller ends them.
        new DockerClientBuilder<HttpMessageHandler>(Instance, handler).WithEndpoint(Endpoint).WithApiVersion(version).WithTimeout(Timeout.InfiniteTimeSpan).Build();

    public ResolvedTransport CreateHandler(HttpMessageHandler transportOptions, ResolvedClientOptions clientOptions, ILogger logger) => new(transportOptions, clientOptions.Endpoint);

    public ResolvedTransport CreateHandler(ResolvedClientOptions clientOptions, ILogger logger) => throw new NotSupportedException();

    public Task<WriteClosableStream> HijackStreamAsync(HttpContent content) =>
        content is HttpConnectionResponseContent upgraded ? Task.FromResult(upgraded.HijackStream()) : throw new NotSupportedException();
}
