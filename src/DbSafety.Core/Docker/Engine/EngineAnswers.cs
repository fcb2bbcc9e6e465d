using DbSafety.Docker.Engine.Models;
using DbSafety.Docker.Engine.Models.Containers;
using Docker.DotNet.Models;
using ContainerConfig = DbSafety.Docker.Engine.Models.Containers.ContainerConfig;
using ImageConfig = DbSafety.Docker.Engine.Models.ImageConfig;

namespace DbSafety.Docker.Engine;

/// <summary>Converts Docker.DotNet's responses to DbSafety's types. Engines write null for an empty list.</summary>
internal static class EngineAnswers
{
    public static ContainerSummary Of(ContainerListResponse answer) => new()
    {
        Id = answer.ID,
        Names = List(answer.Names),
        Image = answer.Image,
        State = answer.State,
        Labels = Map(answer.Labels),
        Ports = answer.Ports?.Select(p => new PublishedPort { IP = p.IP, PrivatePort = p.PrivatePort, PublicPort = p.PublicPort, Type = p.Type }).ToList(),
        Mounts = answer.Mounts?.Select(Of).ToList(),
    };

    public static ContainerDetails Of(ContainerInspectResponse answer) => new()
    {
        Id = answer.ID,
        Name = answer.Name,
        Image = answer.Image,
        State = answer.State is { } state
            ? new ContainerState { Status = state.Status, Running = state.Running, Paused = state.Paused, Restarting = state.Restarting, ExitCode = unchecked((int)state.ExitCode) }
            : null,
        Config = answer.Config is { } config
            ? new ContainerConfig { Image = config.Image, Env = List(config.Env), Cmd = List(config.Cmd), Labels = Map(config.Labels) }
            : null,
        HostConfig = answer.HostConfig is { } host ? Of(host) : null,
        Mounts = answer.Mounts?.Select(Of).ToList(),
        NetworkSettings = answer.NetworkSettings is { } networks
            ? new ContainerNetworks
            {
                Ports = Ports(networks.Ports),
                Networks = networks.Networks?.ToDictionary(n => n.Key, n => new ContainerNetwork { Aliases = List(n.Value?.Aliases), IPAddress = n.Value?.IPAddress }),
            }
            : null,
    };

    public static ImageSummary Of(ImagesListResponse answer) => new()
    {
        Id = answer.ID,
        RepoTags = List(answer.RepoTags),
        Created = new DateTimeOffset(answer.Created.ToUniversalTime()).ToUnixTimeSeconds(),
    };

    public static ImageDetails Of(ImageInspectResponse answer) => new()
    {
        Id = answer.ID,
        RepoTags = List(answer.RepoTags),
        RepoDigests = List(answer.RepoDigests),
        Config = answer.Config is { } config
            ? new ImageConfig { Env = List(config.Env), Cmd = List(config.Cmd), Volumes = config.Volumes?.ToDictionary(v => v.Key, v => (object)v.Value) }
            : null,
    };

    public static VolumeDetails Of(VolumeResponse answer) => new()
    {
        Name = answer.Name,
        Driver = answer.Driver,
        Mountpoint = answer.Mountpoint,
        Labels = Map(answer.Labels),
        Options = Map(answer.Options),
        CreatedAt = answer.CreatedAt,
    };

    public static EngineEvent Of(Message answer) =>
        new(answer.Type, answer.Action, answer.Actor is { } actor ? new EventActor(actor.ID, Map(actor.Attributes)) : null, answer.TimeNano ?? 0);

    public static PullProgress Of(JSONMessage answer) =>
        new(answer.Status, answer.ID, answer.Error?.Message, answer.Progress is { } progress ? new PullDetail(progress.Current ?? 0, progress.Total ?? 0) : null);

    private static ContainerHostConfig Of(HostConfig answer) => new()
    {
        Binds = List(answer.Binds),
        Mounts = answer.Mounts?.Select(Of).ToList(),
        Tmpfs = Map(answer.Tmpfs),
        PortBindings = Ports(answer.PortBindings),
        AutoRemove = answer.AutoRemove,
        NetworkMode = answer.NetworkMode,
    };

    private static RequestedMount Of(Mount answer) => new()
    {
        Type = answer.Type,
        Source = answer.Source,
        Target = answer.Target,
        VolumeOptions = answer.VolumeOptions is { } options ? new RequestedVolume { Subpath = options.Subpath } : null,
    };

    private static ContainerMount Of(MountPoint answer) => new()
    {
        Type = answer.Type,
        Name = answer.Name,
        Source = answer.Source,
        Destination = answer.Destination,
        Driver = answer.Driver,
        RW = answer.RW,
    };

    private static Dictionary<string, IReadOnlyList<HostPort>?>? Ports(IDictionary<string, IList<PortBinding>>? ports) =>
        ports?.ToDictionary(p => p.Key, p => (IReadOnlyList<HostPort>?)p.Value?.Select(b => new HostPort { HostIp = b.HostIP, Port = b.HostPort }).ToList());

    private static List<T>? List<T>(IList<T>? items) => items?.ToList();

    private static Dictionary<string, string>? Map(IDictionary<string, string>? items) => items is null ? null : new(items);
}
