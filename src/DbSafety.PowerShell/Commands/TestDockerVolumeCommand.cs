using System.Management.Automation;
using DbSafety.Docker.Targets;
using DbSafety.Docker.Volumes;
using DbSafety.PowerShell.Cmdlets;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;

namespace DbSafety.PowerShell.Commands;

/// <summary>Tests whether a container's PostgreSQL data is on a volume that survives the container.</summary>
[Cmdlet(VerbsDiagnostic.Test, "DockerVolume")]
[OutputType(typeof(DockerVolumeTest))]
public sealed class TestDockerVolumeCommand : EngineCmdlet
{
    /// <summary>Names, ids or id prefixes; compose files, services, projects or PROJECT/SERVICE; volumes.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "Name", "Id", "Volume")]
    [ValidateNotNullOrEmpty]
    [TextOnly]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    public string[] Container { get; set; } = [];

    /// <summary>The application's env file, to check whether its DATABASE_URL points to this container.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? EnvFile { get; set; }

    private protected override bool EndsOnError => base.EndsOnError && Container.Length == 1;

    private protected override void Process()
    {
        foreach (var container in Container)
            Attempt(() => Test(container));
    }

    private void Test(string container) => WriteObject(Run(new TestDockerVolume(), new DockerVolumeRequest(DockerVolumeRequest.IsComposeFile(container) ? ProviderPaths.Literal(this, container) : container)
    {
        EnvFile = EnvFile is null ? null : ProviderPaths.Literal(this, EnvFile),
        DockerHost = DockerHost,
        DockerContext = DockerContext,
    }), enumerateCollection: true);
}
