using DbSafety.Docker.Volumes.Facts;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>Was it started with --rm? Then stopping the container removes it, and its anonymous volumes with it.</summary>
internal sealed class AutoRemoveCheck : IVolumeCheck
{
    public VolumeCheck Check(VolumeFacts facts)
    {
        if (facts.Container.HostConfig?.AutoRemove != true)
            return new VolumeCheck("auto-remove", CheckState.Pass, $"{facts.Name} is not removed when it stops.");
        const string Remedy = "Re-create the container without --rm.";
        return facts.Mount.IsLasting
            ? new VolumeCheck("auto-remove", CheckState.Warn, $"{facts.Name} was started with --rm: stopping it removes the container. {facts.Mount.Source} is not removed.", Remedy)
            : new VolumeCheck("auto-remove", CheckState.Fail, $"{facts.Name} was started with --rm: stopping it removes the container, and the data with it.", $"Back up before it stops. {Remedy}");
    }
}
