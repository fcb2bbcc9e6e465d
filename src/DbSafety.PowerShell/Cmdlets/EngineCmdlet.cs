using System.Management.Automation;
using DbSafety.PowerShell.Running;

namespace DbSafety.PowerShell.Cmdlets;

/// <summary>A cmdlet that talks to a Docker engine, or may have to.</summary>
public abstract class EngineCmdlet : OperationCmdlet
{
    private protected EngineCmdlet()
    {
    }

    /// <summary>The address of the engine in the format of DOCKER_HOST. Default: that variable, or the engine of this machine.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DockerHost { get; set; }

    /// <summary>A Docker context.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DockerContext { get; set; }
}
