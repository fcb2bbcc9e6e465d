using System.Management.Automation;
using DbSafety.Docker.Clusters;
using DbSafety.PowerShell.Cmdlets;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;

namespace DbSafety.PowerShell.Commands;

/// <summary>Finds every Docker volume that holds a PostgreSQL cluster.</summary>
[Cmdlet(VerbsCommon.Find, "PgDockerVolume")]
[OutputType(typeof(PgDockerVolume))]
public sealed class FindPgDockerVolumeCommand : EngineCmdlet
{
    /// <summary>The volumes to search. Default: all volumes.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    public string[]? Volume { get; set; }

    /// <summary>Only volumes that no container uses.</summary>
    [Parameter]
    public SwitchParameter Orphaned { get; set; }

    private protected override void Process()
    {
        foreach (var volume in Volume ?? [null!])
            Attempt(() => WriteObject(Run(new FindDockerVolumes(), Search(volume)), enumerateCollection: true));
    }

    private DockerVolumeSearch Search(string? volume) => new() { Volume = volume, OrphanedOnly = Orphaned, DockerHost = DockerHost, DockerContext = DockerContext };
}
