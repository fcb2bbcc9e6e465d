using DbSafety.Docker.Mounts;

namespace DbSafety.PowerShell.Completion;

/// <summary>The engine's volumes, named volumes before anonymous volumes.</summary>
public sealed class VolumeCompleter : PromptCompleter
{
    private protected override async Task<IEnumerable<PromptAnswer>> FindAsync(PromptLine line, CancellationToken ct)
    {
        using var engine = line.OpenEngine();
        var used = (await engine.ListContainersAsync(ct)).SelectMany(c => (c.Mounts ?? []).Select(m => (m.Name, c.Name))).ToLookup(u => u.Item1, u => u.Item2);
        return (await engine.ListVolumesAsync(ct))
            .OrderBy(v => DataMount.IsAnonymous(v.Name))
            .ThenBy(v => v.Name, StringComparer.Ordinal)
            .Select(v => new PromptAnswer(v.Name, used.Contains(v.Name) ? $"used by {string.Join(", ", used[v.Name])}" : "no container uses it"));
    }
}
