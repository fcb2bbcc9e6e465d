using DbSafety.Docker.Engine.Models;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Mounts;

namespace DbSafety.Docker.Compose;

/// <summary>The container that compose would create for a service, as the engine would describe it.</summary>
internal static class ComposedContainer
{
    /// <summary>Placeholder for the name of an anonymous volume that does not exist yet.</summary>
    public static string NewVolume { get; } = new('0', 64);

    /// <param name="image">Null: the engine does not have it, and its name determines the data directory.</param>
    public static ContainerDetails Of(ComposeService service, string imageName, ImageConfig? image) => new()
    {
        Id = "",
        Name = "/next",
        Config = new ContainerConfig { Image = imageName, Env = [.. image?.Env ?? [], .. service.Environment], Cmd = service.Command ?? image?.Cmd },
        HostConfig = new ContainerHostConfig(),
        Mounts =
        [
            .. service.Mounts,
            .. (image?.Volumes?.Keys ?? []).Select(ContainerPath.Normalize).Where(v => service.Mounts.All(m => m.Destination != v))
                .Select(v => new ContainerMount { Type = "volume", Name = NewVolume, Destination = v, RW = true }),
        ],
    };
}
