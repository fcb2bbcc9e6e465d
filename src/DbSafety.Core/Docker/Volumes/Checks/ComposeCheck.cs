using DbSafety.Docker.Volumes.Facts;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>Which compose project does the data belong to, and is it the container's?</summary>
internal sealed class ComposeCheck : IVolumeCheck
{
    public VolumeCheck? Check(VolumeFacts facts)
    {
        var (mine, owner) = (facts.ComposeProject, facts.Volume?.Label(ComposeLabels.Project));
        if (mine is null && owner is null)
            return null;
        if (mine is null)
            return Answer(
                CheckState.Warn,
                $"The volume {facts.Mount.Source} belongs to the compose project {owner}, the container to no project: docker compose -p {owner} down -v would delete the data.",
                $"Declare the volume in that project's compose file with name: {facts.Mount.Source} and external: true, or remove it from that file.");
        if (owner is not null && owner != mine)
            return Answer(
                CheckState.Warn,
                $"The container belongs to the compose project {mine}, its volume {facts.Mount.Source} to {owner}: docker compose -p {owner} down -v would delete the data.",
                $"If the project was renamed, declare the volume in the compose file with name: {facts.Mount.Source} and external: true.");
        return Answer(CheckState.Pass, $"{facts.Name} is the service {facts.ComposeService} of the compose project {mine}{(owner is null ? "" : ", and so is its volume")}.");
    }

    private static VolumeCheck Answer(CheckState state, string evidence, string? remedy = null) => new("compose", state, evidence, remedy);
}
