using DbSafety.Databases.Connections.Text;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Mounts;
using DbSafety.Errors;
using YamlDotNet.RepresentationModel;

namespace DbSafety.Docker.Compose;

/// <summary>
/// A compose project as <c>docker compose config</c> resolves it: its merged files, with the current environment and <c>.env</c>. What is not
/// resolved here (<c>extends</c>, <c>include</c>, <c>volumes_from</c>) is an error.
/// </summary>
internal sealed class ComposeProject
{
    private readonly IReadOnlyList<(string Path, YamlMappingNode Root)> files;
    private readonly string folder;
    private readonly ComposeVariables variables;

    private ComposeProject(IReadOnlyList<(string, YamlMappingNode)> files, string folder, ComposeVariables variables)
    {
        (this.files, this.folder, this.variables) = (files, folder, variables);
        Name = ComposeFile.ProjectName(variables, this.files.Select(f => Scalar(f, ComposeYaml.Get(f.Root, "name"))).LastOrDefault(n => n is { Length: > 0 }), folder);
    }

    public string Name { get; }

    /// <param name="folder">The project's: <c>.env</c> is there, and relative paths begin there.</param>
    /// <param name="envFiles">The files that replace <c>.env</c>.</param>
    /// <exception cref="DbSafetyException"><c>DBS530</c>, <c>DBS106</c>.</exception>
    public static ComposeProject Read(IReadOnlyList<string> paths, string folder, IReadOnlyList<string> envFiles) => new(
        [.. paths.Select(p => (p, ComposeFile.Root(p) ?? throw ErrorCatalogue.ComposeFileUnreadable.For(p, "it has no services")))], folder, new ComposeVariables(folder, envFiles));

    /// <exception cref="DbSafetyException"><c>DBS530</c>, <c>DBS106</c>.</exception>
    public ComposeService Service(string name)
    {
        string? image = null;
        IReadOnlyList<string>? command = null;
        Dictionary<string, string> environment = [], fromFiles = [];
        var mounts = new Dictionary<string, ContainerMount>(StringComparer.Ordinal);
        var isThere = false;
        foreach (var file in files)
        {
            if (ComposeYaml.Get(file.Root, "include") is not null)
                throw Refused(file, "it uses include, which is not resolved here");
            if (ComposeYaml.Get(ComposeYaml.Get(file.Root, "services"), name) is not YamlMappingNode service)
                continue;
            isThere = true;
            foreach (var key in (ReadOnlySpan<string>)["extends", "volumes_from"])
            {
                if (ComposeYaml.Get(service, key) is not null)
                    throw Refused(file, $"the service {name} uses {key}, which is not resolved here");
            }

            if (ComposeYaml.Tagged(service) is { } tag)
                throw Refused(file, $"the service {name} uses {tag}, which is not resolved here");
            image = Scalar(file, ComposeYaml.Get(service, "image")) ?? image;
            command = Words(file, ComposeYaml.Get(service, "command")) ?? command;
            foreach (var (key, value) in ComposeYaml.List(ComposeYaml.Get(service, "env_file")).SelectMany(f => EnvFileOf(file, f)))
                fromFiles[key] = value;
            foreach (var (key, value) in Variables(file, ComposeYaml.Get(service, "environment")))
                environment[key] = value;
            foreach (var mount in Mounts(file, service))
                mounts[mount.Destination!] = mount;
        }

        return isThere
            ? new ComposeService(image, [.. fromFiles.Where(v => !environment.ContainsKey(v.Key)).Concat(environment).Select(v => $"{v.Key}={v.Value}")], command, [.. mounts.Values])
            : throw Refused(files[^1], $"it has no service {name}");
    }

    private IEnumerable<ContainerMount> Mounts((string Path, YamlMappingNode Root) file, YamlMappingNode service) =>
        ComposeYaml.List(ComposeYaml.Get(service, "volumes")).Select(v => v is YamlMappingNode written
                ? Mount(file, Scalar(file, ComposeYaml.Get(written, "type")) ?? "volume", Scalar(file, ComposeYaml.Get(written, "source")), Scalar(file, ComposeYaml.Get(written, "target")) ?? "", Subpath(file, written))
                : Short(file, Scalar(file, v) ?? ""))
            .Concat(ComposeYaml.List(ComposeYaml.Get(service, "tmpfs")).Select(t => Mount(file, "tmpfs", null, (Scalar(file, t) ?? "").Split(':')[0], null)));

    /// <summary><c>[SOURCE:]TARGET[:MODE]</c>; the source is a path or a volume's name.</summary>
    private ContainerMount Short((string Path, YamlMappingNode Root) file, string text)
    {
        var parts = ComposeYaml.MountParts(text);
        return parts.Count == 1
            ? Mount(file, "volume", null, parts[0], null)
            : Mount(file, ComposeYaml.IsPath(parts[0]) ? "bind" : "volume", parts[0], parts[1], null);
    }

    private ContainerMount Mount((string Path, YamlMappingNode Root) file, string type, string? source, string target, string? subpath)
    {
        if (target.Length == 0)
            throw Refused(file, "one of its mounts has no target");
        if (subpath is not null)
            throw Refused(file, "it mounts a subpath of a volume, which is not resolved here");
        var mount = new ContainerMount { Type = type, Destination = ContainerPath.Normalize(target), RW = true };
        return type switch
        {
            "volume" => mount with { Name = source is { Length: > 0 } ? VolumeName(source) : ComposedContainer.NewVolume },
            "bind" => mount with { Source = FullPath(source ?? "") },
            _ => mount,
        };
    }

    private string? Subpath((string Path, YamlMappingNode Root) file, YamlMappingNode mount) => Scalar(file, ComposeYaml.Get(ComposeYaml.Get(mount, "volume"), "subpath"));

    /// <summary>Its own name; for an external volume, the key without the project.</summary>
    private string VolumeName(string key)
    {
        string? name = null;
        var (isExternal, isThere) = (false, false);
        foreach (var file in files)
        {
            if (ComposeYaml.Get(file.Root, "volumes") is not YamlMappingNode volumes || !ComposeYaml.Has(volumes, key))
                continue;
            isThere = true;
            var volume = ComposeYaml.Get(volumes, key);
            var external = ComposeYaml.Get(volume, "external");
            isExternal |= external is YamlMappingNode || (Scalar(file, external) is { } text && bool.TryParse(text, out var yes) && yes);
            name = Scalar(file, ComposeYaml.Get(volume, "name")) ?? Scalar(file, ComposeYaml.Get(external, "name")) ?? name;
        }

        if (!isThere)
            throw Refused(files[^1], $"it declares no volume {key}");
        return name is { Length: > 0 } ? name : isExternal ? key : $"{Name}_{key}";
    }

    private IEnumerable<KeyValuePair<string, string>> Variables((string Path, YamlMappingNode Root) file, YamlNode? node)
    {
        var pairs = node is YamlMappingNode map
            ? ComposeYaml.Entries(map).Select(e => (Name: e.Key, Value: ComposeYaml.IsNull(e.Value) ? null : Scalar(file, e.Value)))
            : ComposeYaml.List(node).Select(v => Scalar(file, v) ?? "").Select(v => v.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (Name: v[..at], Value: (string?)v[(at + 1)..]) : (Name: v, Value: null));
        return pairs.Select(p => new KeyValuePair<string, string?>(p.Name, p.Value ?? variables.Of(p.Name))).Where(p => p.Value is not null).Select(p => new KeyValuePair<string, string>(p.Key, p.Value!));
    }

    private IEnumerable<KeyValuePair<string, string>> EnvFileOf((string Path, YamlMappingNode Root) file, YamlNode node)
    {
        var path = FullPath(Scalar(file, node is YamlMappingNode written ? ComposeYaml.Get(written, "path") : node) ?? "");
        return node is YamlMappingNode && !File.Exists(path) ? [] : EnvFile.Read(path);
    }

    private List<string>? Words((string Path, YamlMappingNode Root) file, YamlNode? node) => node switch
    {
        null => null,
        YamlSequenceNode list => [.. list.Children.Select(c => Scalar(file, c) ?? "")],
        _ => Scalar(file, node)?.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => w.Trim('"', '\'')).ToList(),
    };

    private string? Scalar((string Path, YamlMappingNode Root) file, YamlNode? node)
    {
        try
        {
            return node is YamlScalarNode { Value: { } text } && !ComposeYaml.IsNull(node) ? ComposeInterpolation.Expand(text, variables.Of) : null;
        }
        catch (FormatException e)
        {
            throw Refused(file, e.Message);
        }
    }

    private string FullPath(string path) => Path.GetFullPath(path is "~" || path.StartsWith("~/", StringComparison.Ordinal) ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..] : path, folder);

    private static DbSafetyException Refused((string Path, YamlMappingNode Root) file, string reason) => ErrorCatalogue.ComposeFileUnreadable.For(file.Path, reason);
}
