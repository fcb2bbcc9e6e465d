using DbSafety.Databases.Connections;
using DbSafety.Databases.Connections.Text;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Docker.Mounts;
using DbSafety.Docker.Targets;
using DbSafety.Docker.Volumes.Checks;
using DbSafety.Docker.Volumes.Facts;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Docker.Volumes;

/// <summary>Checks whether a container's data is on a volume that persists, and whether it is the right volume. It changes nothing.</summary>
/// <param name="connect">How an engine is reached; null: as its address says.</param>
public sealed class TestDockerVolume(Func<EngineAddress, IDockerEngine>? connect = null) : IOperation<DockerVolumeRequest, IReadOnlyList<DockerVolumeTest>>
{
    /// <summary>In the order in which they are shown: whether there is data, where it is, and what could delete it.</summary>
    internal static IReadOnlyList<IVolumeCheck> Checks { get; } =
    [
        new RunningCheck(), new DataDirectoryCheck(), new MountCheck(), new MountPlaceCheck(), new VolumeOptionsCheck(), new FreeSpaceCheck(), new SoleUseCheck(),
        new ClusterVersionCheck(), new ImageTagCheck(), new AutoRemoveCheck(), new ComposeCheck(), new NextUpCheck(), new RemovalCheck(), new CollationCheck(), new ContentCheck(), new UnusedVolumeCheck(),
        new AppTargetCheck(),
    ];

    /// <returns>One for each container that is meant; a compose file or project can have several databases.</returns>
    /// <exception cref="DbSafetyException"><c>DBS105</c>, <c>DBS106</c> for the env file; <c>DBS501</c> to <c>DBS509</c>, <c>DBS530</c>, <c>DBS531</c>.</exception>
    public async Task<IReadOnlyList<DockerVolumeTest>> RunAsync(DockerVolumeRequest request, IOperationEvents events, CancellationToken ct)
    {
        var target = request.EnvFile is null ? null : DatabaseTargets.FromEnvFile(request.EnvFile);
        using var engine = (connect ?? (address => new DockerEngine(address)))(EngineAddress.Resolve(request.DockerHost, request.DockerContext));
        var containers = await engine.ListContainersAsync(ct);
        var reader = new VolumeFactsReader(engine, events);
        var tests = new List<DockerVolumeTest>();
        foreach (var container in await ContainerFinder.FindDatabasesAsync(engine, containers, request.Container, ct))
        {
            if (PgLayout.Of(container) is not { } layout)
            {
                tests.Add(NotPostgres(container));
                continue;
            }

            var facts = await reader.ReadAsync(container, layout, containers, DockerVolumeRequest.IsComposeFile(request.Container) ? request.Container : null, ct);
            if (target is not null)
                facts = facts with { App = await reader.ReadAppAsync(container, request.EnvFile!, target, ct) };
            tests.Add(Judge(facts));
        }

        return tests;
    }

    internal static DockerVolumeTest Judge(VolumeFacts facts) => new()
    {
        Container = facts.Name,
        Image = facts.Image,
        PgData = facts.Layout.DataDirectory,
        MountKind = facts.Mount.Kind,
        Volume = facts.Mount.Source,
        SizeBytes = facts.Space.Bytes,
        Checks = Checks.Select(c => c.Check(facts)).OfType<VolumeCheck>().ToList(),
    };

    private static DockerVolumeTest NotPostgres(ContainerDetails container) => new()
    {
        Container = container.ShortName,
        Image = container.Config?.Image ?? "",
        Checks =
        [
            new VolumeCheck(
                "postgres",
                CheckState.Unknown,
                $"{container.ShortName} is not recognised as a PostgreSQL server: its image is {container.Config?.Image}, and neither PGDATA nor PG_MAJOR is set.",
                "Specify the database's container. If this is the database's container, set PGDATA in its environment to its data directory."),
        ],
    };
}
