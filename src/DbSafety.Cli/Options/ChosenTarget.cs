using DbSafety.Databases.Connections;
using DbSafety.Docker.Targets;

namespace DbSafety.Cli.Options;

/// <summary>The selected database, with the connection into its container if it has one.</summary>
internal sealed class ChosenTarget : IAsyncDisposable
{
    private readonly ContainerTarget? container;

    public ChosenTarget(DatabaseTarget target) => Target = target;

    public ChosenTarget(ContainerTarget container) => (this.container, Target) = (container, container.Target);

    public DatabaseTarget Target { get; }

    public ValueTask DisposeAsync() => container?.DisposeAsync() ?? ValueTask.CompletedTask;
}
