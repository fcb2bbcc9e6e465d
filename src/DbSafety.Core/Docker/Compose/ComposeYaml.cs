using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace DbSafety.Docker.Compose;

/// <summary>Compose's YAML: merge keys, a single value in place of a list, mounts in short syntax.</summary>
internal static class ComposeYaml
{
    /// <summary>Null when the key does not exist; <c>&lt;&lt;</c> merges the keys of another mapping.</summary>
    public static YamlNode? Get(YamlNode? node, string key) =>
        node is not YamlMappingNode map ? null
        : map.Children.TryGetValue(key, out var found) ? found
        : map.Children.TryGetValue("<<", out var merged) ? List(merged).Select(m => Get(m, key)).FirstOrDefault(f => f is not null)
        : null;

    public static bool Has(YamlMappingNode map, string key) => Entries(map).Any(e => e.Key == key);

    /// <summary>Including the keys that <c>&lt;&lt;</c> merges.</summary>
    public static IEnumerable<(string Key, YamlNode Value)> Entries(YamlMappingNode map) => map.Children
        .SelectMany(c => c.Key is YamlScalarNode { Value: "<<" } ? List(c.Value).OfType<YamlMappingNode>().SelectMany(Entries).Where(e => !map.Children.ContainsKey(e.Key)) : [(c.Key.ToString(), c.Value)]);

    public static IEnumerable<YamlNode> List(YamlNode? node) => node is null || IsNull(node) ? [] : node is YamlSequenceNode list ? list.Children : [node];

    public static bool IsNull(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };

    /// <summary>Compose's own tags, such as <c>!reset</c>, that replace the values of earlier files.</summary>
    public static string? Tagged(YamlMappingNode service) =>
        service.Children.Values.Select(v => v.Tag.IsEmpty ? "" : v.Tag.Value).FirstOrDefault(t => t.StartsWith('!') && t.Length > 1);

    public static bool IsPath(string source) => source.StartsWith('.') || source.StartsWith('/') || source.StartsWith('~') || source.StartsWith('\\') || HasDrive(source);

    /// <summary>Split at its colons, except the colon of a Windows drive.</summary>
    public static IReadOnlyList<string> MountParts(string text)
    {
        var parts = text.Split(':');
        return HasDrive(text) ? [parts[0] + ":" + parts[1], .. parts[2..]] : parts;
    }

    private static bool HasDrive(string text) => text.Length > 2 && char.IsAsciiLetter(text[0]) && text[1] == ':' && (text[2] is '\\' or '/');
}
