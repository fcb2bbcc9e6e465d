using DbSafety.Docker.Volumes.Facts;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>Does the container run?</summary>
internal sealed class RunningCheck : IVolumeCheck
{
    public VolumeCheck Check(VolumeFacts facts)
    {
        var state = facts.Container.State;
        if (facts.Container.IsRunning)
            return new VolumeCheck("container", CheckState.Pass, $"{facts.Name} is running.");
        var status = state?.Status switch
        {
            "exited" => $"stopped (exit code {state.ExitCode})",
            "created" => "created, but was never started",
            { } other => other,
            null => "not running",
        };
        return new VolumeCheck(
            "container",
            CheckState.Warn,
            $"{facts.Name} is {status}. Its mounts are checked anyway; size, free space and databases can be checked only while it runs.",
            state is { Paused: true } ? $"docker unpause {facts.Name}" : $"If no other check fails, start it: docker start {facts.Name}");
    }
}
