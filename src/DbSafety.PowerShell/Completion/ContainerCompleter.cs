namespace DbSafety.PowerShell.Completion;

/// <summary>The engine's containers, running containers first, then compose's PROJECT/SERVICE names.</summary>
public sealed class ContainerCompleter : PromptCompleter
{
    private protected override async Task<IEnumerable<PromptAnswer>> FindAsync(PromptLine line, CancellationToken ct)
    {
        using var engine = line.OpenEngine();
        var containers = await engine.ListContainersAsync(ct);
        return
        [
            .. containers.OrderByDescending(c => c.IsRunning).ThenBy(c => c.Name, StringComparer.Ordinal).Select(c => new PromptAnswer(c.Name, $"{c.Image}, {c.State}")),
            .. containers.Where(c => c.ComposeService is not null).Select(c => new PromptAnswer($"{c.ComposeProject}/{c.ComposeService}", c.Name)),
        ];
    }
}
