using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Errors;

namespace DbSafety.Docker;

/// <summary>Finds a container by name or id, and suggests similar names.</summary>
public static class ContainerLookup
{
    /// <param name="name">A name, an id, or the beginning of an id.</param>
    /// <exception cref="DbSafetyException"><c>DBS504</c>, <c>DBS505</c>.</exception>
    public static ContainerSummary Find(IReadOnlyList<ContainerSummary> containers, string name)
    {
        var wanted = name.TrimStart('/');
        // The engine's own order: a complete id, then a name, then the beginning of an id.
        var exact = containers.FirstOrDefault(c => c.Id == wanted)
            ?? containers.FirstOrDefault(c => c.Names?.Any(n => n.TrimStart('/') == wanted) == true);
        if (exact is not null)
            return exact;
        var begun = wanted.Length > 0 ? containers.Where(c => c.Id.StartsWith(wanted, StringComparison.Ordinal)).ToList() : [];
        return begun.Count switch
        {
            1 => begun[0],
            0 => throw ErrorCatalogue.ContainerUnknown.For(name, Hint(containers, wanted)),
            _ => throw ErrorCatalogue.ContainerAmbiguous.For(name, string.Join(", ", begun.Select(c => $"{c.Id[..12]} ({c.Name})"))),
        };
    }

    private static string Hint(IReadOnlyList<ContainerSummary> containers, string wanted)
    {
        if (containers.Count == 0)
            return "This engine has no containers. Check that DOCKER_HOST specifies the right engine.";
        var near = containers.Where(c => IsNear(c, wanted)).Select(c => c.Name).Order(StringComparer.Ordinal).Take(5).ToList();
        return near.Count > 0
            ? $"Did you mean {string.Join(" or ", near)}?"
            : $"Existing containers: {string.Join(", ", containers.Select(c => c.Name).Order(StringComparer.Ordinal).Take(20))}.";
    }

    private static bool IsNear(ContainerSummary container, string wanted) =>
        wanted.Length > 0
        && (container.Name.Contains(wanted, StringComparison.OrdinalIgnoreCase)
            || wanted.Contains(container.Name, StringComparison.OrdinalIgnoreCase)
            || container.Label("com.docker.compose.service") == wanted
            || Distance(container.Name.ToUpperInvariant(), wanted.ToUpperInvariant()) <= Math.Max(1, wanted.Length / 3));

    /// <summary>Insertions, deletions and replacements between two words.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }

        return row[b.Length];
    }
}
