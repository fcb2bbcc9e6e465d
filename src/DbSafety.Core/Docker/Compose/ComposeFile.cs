using System.Text.RegularExpressions;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Volumes.Facts;
using DbSafety.Errors;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace DbSafety.Docker.Compose;

/// <summary>A compose file's project: its name and its services (https://docs.docker.com/reference/compose-file/).</summary>
/// <param name="Path">Absolute.</param>
/// <param name="Project">The name that compose would use for the project without a name on its command line.</param>
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

    /// <summary>Was a container created from this file? Compose 2 labels it with full paths, compose 1 with the folder and the paths as specified.</summary>
    public bool HasCreated(ContainerSummary container) =>
        container.Label(ComposeLabels.OneOff) is not ("True" or "true")
        && FilesOf(container.Label).Contains(Path, StringComparer.Ordinal);

    /// <summary>The paths of the compose files that a container was created from; empty if compose did not create it.</summary>
    internal static IReadOnlyList<string> FilesOf(Func<string, string?> label) =>
        label(ComposeLabels.ConfigFiles) is { Length: > 0 } files
            ? [.. files.Split(',').Select(f => System.IO.Path.GetFullPath(f, label(ComposeLabels.WorkingFolder) is { Length: > 0 } folder ? folder : "/"))]
            : [];

    /// <summary>Compose also reads <c>docker-compose.override.yml</c> if no file is specified.</summary>
    internal static IReadOnlyList<string> WithOverride(IReadOnlyList<string> files)
    {
        if (files is not [var only] || System.IO.Path.GetFileName(only) is not ("compose.yaml" or "compose.yml" or "docker-compose.yml" or "docker-compose.yaml"))
            return files;
        var start = System.IO.Path.ChangeExtension(only, null) + ".override";
        return new[] { start + ".yml", start + ".yaml" }.FirstOrDefault(File.Exists) is { } more ? [only, more] : files;
    }

    internal static YamlMappingNode? Root(string path)
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
        var variables = new ComposeVariables(folder, []);
        try
        {
            var named = ComposeYaml.Get(root, "name") is YamlScalarNode { Value: { Length: > 0 } text } ? ComposeInterpolation.Expand(text, variables.Of) : null;
            return ProjectName(variables, named, folder);
        }
        catch (FormatException e)
        {
            throw ErrorCatalogue.ComposeFileUnreadable.Because(e, folder, e.Message);
        }
    }

    /// <param name="named">The <c>name</c> of the compose files.</param>
    internal static string ProjectName(ComposeVariables variables, string? named, string folder) => Allowed(
        variables.Of("COMPOSE_PROJECT_NAME") is { Length: > 0 } given ? given
        : named is { Length: > 0 } ? named
        : new DirectoryInfo(folder).Name);

    private static string Allowed(string name) => NotAllowed().Replace(name.ToLowerInvariant(), "").TrimStart('_', '-');

    [GeneratedRegex("[^a-z0-9_-]")]
    private static partial Regex NotAllowed();
}
