using System.Text.RegularExpressions;
using DbSafety.Databases;
using DbSafety.Docker.Volumes;
using DbSafety.Errors;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace DbSafety.Docker.Compose;

/// <summary>What a compose file says of its project: its name and its services (https://docs.docker.com/reference/compose-file/).</summary>
/// <param name="Path">Absolute.</param>
/// <param name="Project">The name compose would give the project when nothing on its command line names another.</param>
internal sealed partial record ComposeFile(string Path, string Project, IReadOnlyList<string> Services)
{
    /// <exception cref="DbSafetyException"><c>DBS530</c> it is not a compose file; <c>DBS106</c> for the <c>.env</c> beside it.</exception>
    public static ComposeFile Read(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        var root = Root(full);
        if (root is null || !root.Children.TryGetValue("services", out var found) || found is not YamlMappingNode services)
            throw ErrorCatalogue.ComposeFileUnreadable.For(full, "it has no services");
        var folder = System.IO.Path.GetDirectoryName(full)!;
        return new ComposeFile(full, ProjectName(root, folder), [.. services.Children.Keys.Select(k => k.ToString())]);
    }

    /// <summary>Was a container made from this file? Compose 2 writes whole paths on it, compose 1 the folder and what it was given.</summary>
    public bool Made(ContainerSummary container) =>
        container.Label(ComposeLabels.OneOff) is not ("True" or "true")
        && container.Label(ComposeLabels.ConfigFiles) is { } files
        && files.Split(',').Any(f => System.IO.Path.GetFullPath(f, container.Label(ComposeLabels.WorkingFolder) is { Length: > 0 } folder ? folder : "/") == Path);

    private static YamlMappingNode? Root(string path)
    {
        try
        {
            var stream = new YamlStream();
            using var reader = new StreamReader(path);
            stream.Load(reader);
            return stream.Documents is [var document, ..] ? document.RootNode as YamlMappingNode : null;
        }
        catch (Exception e) when (e is YamlException or IOException or UnauthorizedAccessException)
        {
            throw ErrorCatalogue.ComposeFileUnreadable.Because(e, path, e is YamlException at ? $"line {at.Start.Line}: {e.Message}" : e.Message);
        }
    }

    /// <summary>COMPOSE_PROJECT_NAME (of the environment, else of the <c>.env</c> beside the file), the file's <c>name</c>, its folder's name.</summary>
    private static string ProjectName(YamlMappingNode root, string folder)
    {
        var beside = System.IO.Path.Combine(folder, ".env");
        var variables = File.Exists(beside) ? EnvFile.Read(beside) : new Dictionary<string, string>();
        string? Variable(string name) => Environment.GetEnvironmentVariable(name) ?? variables.GetValueOrDefault(name);
        if (Variable("COMPOSE_PROJECT_NAME") is { Length: > 0 } given)
            return given;
        var named = root.Children.TryGetValue("name", out var name) && name is YamlScalarNode { Value: { Length: > 0 } text }
            ? Placeholder().Replace(text, m => Variable(m.Groups["name"].Value) is { Length: > 0 } value ? value : m.Groups["default"].Value)
            : null;
        return named ?? NotAllowed().Replace(new DirectoryInfo(folder).Name.ToLowerInvariant(), "").TrimStart('_', '-');
    }

    [GeneratedRegex(@"\$(\{(?<name>\w+)(:?-(?<default>[^}]*))?\}|(?<name>\w+))")]
    private static partial Regex Placeholder();

    [GeneratedRegex("[^a-z0-9_-]")]
    private static partial Regex NotAllowed();
}
