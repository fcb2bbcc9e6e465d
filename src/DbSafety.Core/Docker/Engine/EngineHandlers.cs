using Docker.DotNet;
using Docker.DotNet.Handler.Abstractions;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Client;

namespace DbSafety.Docker.Engine;

/// <summary>
/// Gives Docker.DotNet handlers of ours, whose connections are our own. Plain calls go through .NET's <see cref="SocketsHttpHandler"/>, and what the
/// engine takes out of HTTP (<see cref="ExecConnection"/>) through the library's <see cref="ManagedHandler"/>, which can end one side alone.
/// </summary>
internal sealed class EngineHandlers : IDockerHandlerFactory<HttpMessageHandler>
{
    private static readonly EngineHandlers Instance = new();

    /// <summary>Names no machine: the connection is opened by the engine's address.</summary>
    public static Uri Endpoint { get; } = new("http://docker/");

    /// <param name="version">Null for calls that need none.</param>
    public static DockerClient Client(HttpMessageHandler handler, Version? version) =>
        // Some calls run as long as what they start: only the caller ends them.
        new DockerClientBuilder<HttpMessageHandler>(Instance, handler).WithEndpoint(Endpoint).WithApiVersion(version).WithTimeout(Timeout.InfiniteTimeSpan).Build();

    public ResolvedTransport CreateHandler(HttpMessageHandler transportOptions, ResolvedClientOptions clientOptions, ILogger logger) => new(transportOptions, clientOptions.Endpoint);

    public ResolvedTransport CreateHandler(ResolvedClientOptions clientOptions, ILogger logger) => throw new NotSupportedException();

    public Task<WriteClosableStream> HijackStreamAsync(HttpContent content) =>
        content is HttpConnectionResponseContent upgraded ? Task.FromResult(upgraded.HijackStream()) : throw new NotSupportedException();
}
