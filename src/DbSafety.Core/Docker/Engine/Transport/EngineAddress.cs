using System.Globalization;
using System.Text.RegularExpressions;
using DbSafety.Errors;

namespace DbSafety.Docker.Engine.Transport;

/// <summary>Where a Docker engine listens, as <c>DOCKER_HOST</c> specifies it (https://docs.docker.com/reference/cli/docker/#environment-variables).</summary>
/// <param name="Text">As it was specified.</param>
/// <param name="Path">The socket's path, the pipe's name or the host name.</param>
/// <param name="Port">For TCP, TLS and ssh (0: ssh's own choice); else 0.</param>
public sealed partial record EngineAddress(string Text, EngineTransport Transport, string Path, int Port = 0)
{
    private const int PlainPort = 2375;
    private const int TlsPort = 2376;

    /// <summary>The engine of this machine: Docker's default address.</summary>
    public static EngineAddress Local { get; } = new(
        OperatingSystem.IsWindows() ? "npipe:////./pipe/docker_engine" : "unix:///var/run/docker.sock",
        OperatingSystem.IsWindows() ? EngineTransport.NamedPipe : EngineTransport.UnixSocket,
        OperatingSystem.IsWindows() ? "docker_engine" : "/var/run/docker.sock");

    /// <summary>As it was specified, for messages; it never contains a password.</summary>
    public string Text { get; } = Shown(Text);

    /// <summary>For <see cref="EngineTransport.Tls"/>.</summary>
    public EngineTls? Tls { get; init; }

    /// <summary>For ssh: the user; null: ssh's own choice.</summary>
    public string? User { get; init; }

    /// <summary>For ssh: the engine's socket on that machine; null: the default of its docker command.</summary>
    public string? RemoteSocket { get; init; }

    /// <summary>False for a remote engine, whose published ports are not those of this machine.</summary>
    public bool IsLocal => Transport is EngineTransport.UnixSocket or EngineTransport.NamedPipe || (Transport != EngineTransport.Ssh && Path is "localhost" or "127.0.0.1" or "::1");

    /// <summary>The name or address of the engine's machine, if the engine is reached over the network.</summary>
    internal string? HostName => IsLocal ? null : Path;

    /// <summary>
    /// As the docker command chooses: the specified address, otherwise the specified context, otherwise <c>DOCKER_HOST</c>, otherwise
    /// <c>DOCKER_CONTEXT</c>, else the current context, else the engine of this machine.
    /// </summary>
    /// <exception cref="DbSafetyException"><c>DBS508</c>.</exception>
    public static EngineAddress Resolve(string? given, string? context = null)
    {
        if (!string.IsNullOrWhiteSpace(given))
            return Parse(given.Trim());
        if (!string.IsNullOrWhiteSpace(context) && DockerContext.Find(context) is { } named)
            return named;
        if (Environment.GetEnvironmentVariable("DOCKER_HOST") is { } host && !string.IsNullOrWhiteSpace(host))
            return Parse(host.Trim());
        return string.IsNullOrWhiteSpace(context) && DockerContext.Chosen() is { } chosen ? DockerContext.Find(chosen) ?? Local : Local;
    }

    /// <summary><c>tcp://</c> is TLS where <c>DOCKER_TLS_VERIFY</c> is set, with the certificates of <c>DOCKER_CERT_PATH</c>, else of <c>~/.docker</c>.</summary>
    /// <exception cref="DbSafetyException"><c>DBS508</c>.</exception>
    public static EngineAddress Parse(string text) => Parse(text, TlsOfEnvironment());

    internal static EngineAddress Parse(string text, EngineTls? tls)
    {
        var (scheme, rest) = text.IndexOf("://", StringComparison.Ordinal) is > 0 and var at ? (text[..at], text[(at + 3)..]) : ("", text);
        return scheme switch
        {
            "unix" when rest.Length > 0 => new EngineAddress(text, EngineTransport.UnixSocket, rest),
            "npipe" => new EngineAddress(text, EngineTransport.NamedPipe, PipeName(text, rest)),
            "tcp" or "http" when tls is null => Tcp(text, rest, EngineTransport.Tcp, PlainPort),
            "tcp" or "http" or "https" => Tcp(text, rest, EngineTransport.Tls, TlsPort) with { Tls = tls ?? new EngineTls(CertificateFolder()) },
            "ssh" => Ssh(text),
            _ => throw ErrorCatalogue.EngineAddressInvalid.For(Shown(text), "it is not the address of an engine"),
        };
    }

    public override string ToString() => Text;

    private static string Shown(string text) => Secrets.Mask(LoginPattern().Replace(text, "***"));

    [GeneratedRegex(@"(?<=^|//)[^/]*:[^/]*(?=@)")]
    private static partial Regex LoginPattern();

    private static EngineAddress Tcp(string text, string rest, EngineTransport transport, int usual)
    {
        if (!Uri.TryCreate("tcp://" + rest, UriKind.Absolute, out var url) || url.Host.Length == 0 || url.AbsolutePath.Trim('/').Length > 0)
            throw ErrorCatalogue.EngineAddressInvalid.For(Shown(text), "a TCP address is tcp://HOST:PORT");
        return new EngineAddress(text, transport, url.Host.Trim('[', ']'), url.Port > 0 ? url.Port : usual);
    }

    private static EngineAddress Ssh(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0 || url.Host.StartsWith('-') || url.UserInfo.StartsWith('-'))
            throw ErrorCatalogue.EngineAddressInvalid.For(Shown(text), "an ssh address is ssh://[USER@]HOST[:PORT]");
        if (url.UserInfo.Contains(':', StringComparison.Ordinal))
            throw ErrorCatalogue.EngineAddressInvalid.For(text[..text.IndexOf("://", StringComparison.Ordinal)] + "://…", "it contains a password; use a key, as the docker command also requires");
        return new EngineAddress(text, EngineTransport.Ssh, url.Host.Trim('[', ']'), url.Port > 0 ? url.Port : 0)
        {
            User = url.UserInfo.Length > 0 ? Uri.UnescapeDataString(url.UserInfo) : null,
            RemoteSocket = url.AbsolutePath.Trim('/').Length > 0 ? Uri.UnescapeDataString(url.AbsolutePath) : null,
        };
    }

    private static string PipeName(string text, string rest)
    {
        const string Start = "//./pipe/";
        var path = rest.Replace('\\', '/');
        return path.StartsWith(Start, StringComparison.OrdinalIgnoreCase) && path.Length > Start.Length
            ? path[Start.Length..]
            : throw ErrorCatalogue.EngineAddressInvalid.For(Shown(text), "a pipe's address is npipe:////./pipe/NAME");
    }

    private static EngineTls? TlsOfEnvironment() => Environment.GetEnvironmentVariable("DOCKER_TLS_VERIFY") is { Length: > 0 } ? new EngineTls(CertificateFolder()) : null;

    private static string CertificateFolder() => Environment.GetEnvironmentVariable("DOCKER_CERT_PATH") is { Length: > 0 } given
        ? given
        : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker");

    /// <summary>The arguments of ssh that connect to the engine's stream, as the docker command passes them.</summary>
    internal IReadOnlyList<string> SshArguments()
    {
        List<string> arguments = ["-T", "-o", "ConnectTimeout=30", "-o", "BatchMode=yes"];
        if (User is not null)
            arguments.AddRange(["-l", User]);
        if (Port > 0)
            arguments.AddRange(["-p", Port.ToString(CultureInfo.InvariantCulture)]);
        arguments.AddRange(["--", Path, "docker"]);
        if (RemoteSocket is not null)
            arguments.AddRange(["--host", "unix://" + RemoteSocket]);
        return [.. arguments, "system", "dial-stdio"];
    }
}
