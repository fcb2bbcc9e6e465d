using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DbSafety.Errors;

namespace DbSafety.Docker.Engine.Transport;

/// <summary>
/// The docker command's contexts: which context is chosen, and its engine's address (https://docs.docker.com/engine/manage-resources/contexts/). A context
/// is in a folder named after the SHA-256 of its name.
/// </summary>
internal static class DockerContext
{
    private const string Default = "default";

    private static string Folder => Environment.GetEnvironmentVariable("DOCKER_CONFIG") is { Length: > 0 } configured
        ? configured
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker");

    /// <summary>The context of the environment or of the configuration file; null for the default one.</summary>
    public static string? Chosen() =>
        (Environment.GetEnvironmentVariable("DOCKER_CONTEXT") is { Length: > 0 } named ? named : Current()) is { } name && name != Default ? name : null;

    /// <summary>Null for the default context, which is DOCKER_HOST or this machine's engine.</summary>
    /// <exception cref="DbSafetyException"><c>DBS508</c>.</exception>
    public static EngineAddress? Find(string name)
    {
        if (name == Default)
            return null;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        try
        {
            using var meta = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "contexts", "meta", hash, "meta.json")));
            var endpoint = meta.RootElement.GetProperty("Endpoints").GetProperty("docker");
            var host = endpoint.GetProperty("Host").GetString() ?? "";
            var skip = endpoint.TryGetProperty("SkipTLSVerify", out var flag) && flag.ValueKind == JsonValueKind.True;
            var certificates = Path.Combine(Folder, "contexts", "tls", hash, "docker");
            var tls = skip || Directory.Exists(certificates) ? new EngineTls(certificates, skip) : null;
            return EngineAddress.Parse(host, tls);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ErrorCatalogue.EngineAddressInvalid.Because(e, $"context {name}", $"the context does not exist{Others()}");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw ErrorCatalogue.EngineAddressInvalid.Because(e, $"context {name}", "its meta.json cannot be read");
        }
    }

    private static string? Current()
    {
        try
        {
            using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "config.json")));
            return config.RootElement.ValueKind == JsonValueKind.Object && config.RootElement.TryGetProperty("currentContext", out var current)
                && current.GetString() is { Length: > 0 } name ? name : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // No file, or a file that the docker command cannot read either: it also uses the default then.
            return null;
        }
    }

    private static string Others()
    {
        var root = Path.Combine(Folder, "contexts", "meta");
        var names = Directory.Exists(root) ? Directory.EnumerateFiles(root, "meta.json", SearchOption.AllDirectories).Select(NameIn).OfType<string>().Order(StringComparer.Ordinal).ToList() : [];
        return names.Count == 0 ? "" : $"; existing contexts: {string.Join(", ", names)}";
    }

    private static string? NameIn(string path)
    {
        try
        {
            using var meta = JsonDocument.Parse(File.ReadAllBytes(path));
            return meta.RootElement.TryGetProperty("Name", out var name) ? name.GetString() : null;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }
}
