using DbSafety.Operations;

namespace DbSafety.Docker.Targets;

/// <summary>Opens the connection to a container's database, for front ends that run operations.</summary>
public sealed class OpenContainer : IOperation<ContainerTargetRequest, ContainerTarget>
{
    /// <inheritdoc cref="ContainerTarget.OpenAsync(ContainerTargetRequest, IOperationEvents, CancellationToken)"/>
    public Task<ContainerTarget> RunAsync(ContainerTargetRequest request, IOperationEvents events, CancellationToken ct) => ContainerTarget.OpenAsync(request, events, ct);
}
