using DbSafety.Docker.Engine.Models.Containers;

namespace DbSafety.Docker.Compose;

/// <summary>The settings of a service that determine where its data is.</summary>
/// <param name="Image">Null: it is built.</param>
/// <param name="Environment"><c>NAME=value</c>. Holds passwords: never print it.</param>
/// <param name="Command">Null: the image's own.</param>
/// <param name="Mounts">As the engine will create them.</param>
internal sealed record ComposeService(string? Image, IReadOnlyList<string> Environment, IReadOnlyList<string>? Command, IReadOnlyList<ContainerMount> Mounts)
{
    /// <summary>Names, never values.</summary>
    public override string ToString() => $"{nameof(ComposeService)} {{ Image = {Image} }}";
}
