using System.Text.Json;
using DbSafety.Errors;

namespace DbSafety.Docker;

/// <summary>Where a Docker engine listens, as <c>DOCKER_HOST</c> writes it (https://docs.docker.com/reference/cli/docker/#environment-variables).</summary>
/// <param name="Text">As it was given, for messages.</param>
/// <param name="Path">The socket's path, the pipe's name or the host name.</param>
/// <param name="Port">For TCP; else 0.</param>
public sealed record EngineAddress(string Text, EngineTransport Transport, string Path, int Port = 0)
{
    private const int PlainPort = 2375;
    private const string ContextHint = "contexts are not read yet; docker context inspect --format '{{.Endpoints.docker.Host}}' prints what to put into DOCKER_HOST";

    /// <summary>The engine of this machine: where Docker listens unless it was told otherwise.</summary>
    public static EngineAddress Local { get; } = Parse(OperatingSystem.IsWindows() ? "npipe:////./pipe/docker_engine" : "unix:///var/run/docker.sock");

    /// <summary>A remote engine's published ports are not those of this machine.</summary>
    public bool IsLocal => Transport != EngineTransport.Tcp || Path is "localhost" or "127.0.0.1" or "::1";

    /// <summary>The name or address of the engine's machine, for one that is reached over the network.</summary>
    internal string? HostName => Transport == EngineTransport.Tcp ? Path : null;

    /// <summary>
    /// What is given, else <c>DOCKER_HOST</c>, else the engine of this machine. A chosen context is an error and not passed
    /// over: the docker command would ask another engine than we do.
    /// </summary>
    /// <exception cref="DbSafetyException"><c>DBS508</c>.</exception>
    public static EngineAddress Resolve(string? given, string? chosen = null)
    {
        var text = given ?? Environment.GetEnvironmentVariable("DOCKER_HOST");
        if (!string.IsNullOrWhiteSpace(text))
            return Parse(text.Trim());
        if (ChosenContext() is { } context)
            throw ErrorCatalogue.EngineAddressInvalid.For($"context {context}", ContextHint);
        return Local;
    }

    /// <exception cref="DbSafetyException"><c>DBS508</c>.</exception>
    public static EngineAddress Parse(string text)
    {
        var (scheme, rest) = text.IndexOf("://", StringComparison.Ordinal) is > 0 and var at ? (text[..at], text[(at + 3)..]) : ("", text);
        return scheme switch
        {
            "unix" when rest.Length > 0 => new EngineAddress(text, EngineTransport.UnixSocket, rest),
            "npipe" => new EngineAddress(text, EngineTransport.NamedPipe, PipeName(text, rest)),
            "tcp" or "http" when Environment.GetEnvironmentVariable("DOCKER_TLS_VERIFY") is { Length: > 0 } =>
                throw ErrorCatalogue.EngineAddressInvalid.For(text, "DOCKER_TLS_VERIFY is set, and TLS is not spoken yet"),
            "tcp" or "http" => Tcp(text, rest),
            "https" => throw ErrorCatalogue.EngineAddressInvalid.For(text, "TLS is not spoken yet"),
            "ssh" => throw ErrorCatalogue.EngineAddressInvalid.For(text, "ssh is not spoken yet; ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock HOST brings the engine's socket here"),
            _ => throw ErrorCatalogue.EngineAddressInvalid.For(text, "it is not an engine's address"),
        };
    }

    public override string ToString() => Text;

    private static EngineAddress Tcp(string text, string rest)
    {
        if (!Uri.TryCreate("tcp://" + rest, UriKind.Absolute, out var url) || url.Host.Length == 0 || url.AbsolutePath.Trim('/').Length > 0)
            throw ErrorCatalogue.EngineAddressInvalid.For(text, "a TCP address is tcp://HOST:PORT");
        return new EngineAddress(text, EngineTransport.Tcp, url.Host.Trim('[', ']'), url.Port > 0 ? url.Port : PlainPort);
    }

    private static string PipeName(string text, string rest)
    {
        const string Start = "//./pipe/";
        var path = rest.Replace('\\', '/');
        return path.StartsWith(Start, StringComparison.OrdinalIgnoreCase) && path.Length > Start.Length
            ? path[Start.Length..]
            : throw ErrorCatalogue.EngineAddressInvalid.For(text, "a pipe's address is npipe:////./pipe/NAME");
    }

    private static string? ChosenContext()
    {
        if (Environment.GetEnvironmentVariable("DOCKER_CONTEXT") is { Length: > 0 } named)
            return named == "default" ? null : named;
        var folder = Environment.GetEnvironmentVariable("DOCKER_CONFIG") is { Length: > 0 } configured
            ? configured
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker");
        try
        {
            using var config = JsonDocument.Parse(File.ReadAllBytes(System.IO.Path.Combine(folder, "config.json")));
            return config.RootElement.ValueKind == JsonValueKind.Object && config.RootElement.TryGetProperty("currentContext", out var current)
                && current.GetString() is { Length: > 0 } name && name != "default" ? name : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // No file, or none that the docker command could read either: it then takes the default as well.
            return null;
        }
    }
}
