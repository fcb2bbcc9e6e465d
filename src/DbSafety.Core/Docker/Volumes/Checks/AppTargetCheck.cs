using System.Globalization;
using DbSafety.Docker.Targets;
using DbSafety.Docker.Volumes.Facts;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>Does the application's DATABASE_URL point to this container, and to an existing database?</summary>
internal sealed class AppTargetCheck : IVolumeCheck
{
    public VolumeCheck? Check(VolumeFacts facts)
    {
        if (facts.App is not { } app)
            return null;
        var place = AppRoute.Of(facts.Container, facts.Engine, facts.Containers, app.Target.Address, app.Target.Port);
        var leads = $"DATABASE_URL in {app.EnvFile} points to {app.Target.Server}";
        return place.Here switch
        {
            true => Database(facts, app, $"{leads}, {place.Why}"),
            null => Answer(CheckState.Unknown, $"{leads}, {place.Why}."),
            false => Answer(CheckState.Fail, $"{leads}, {place.Why}: not to {facts.Name}.", Remedy(facts)),
        };
    }

    private static VolumeCheck Database(VolumeFacts facts, AppTarget app, string evidence)
    {
        var wanted = app.Target.Database;
        if (app.Databases is { } all)
        {
            return all.Contains(wanted, StringComparer.Ordinal)
                ? Answer(CheckState.Pass, $"{evidence}, and its database {wanted} exists.")
                : Answer(CheckState.Fail, $"{evidence}, but database {wanted} does not exist.", $"Existing databases: {string.Join(", ", all)}.");
        }

        var config = facts.Container.Config;
        var made = config?.Variable("POSTGRES_DB") ?? config?.Variable("POSTGRES_USER") ?? "postgres";
        return Answer(
            CheckState.Unknown,
            $"{evidence}; whether its database {wanted} exists could not be checked: {app.Reason}{(made == wanted ? ". The container was created with that name" : "")}.");
    }

    private static string Remedy(VolumeFacts facts)
    {
        var port = AppRoute.Published(facts.Container).FirstOrDefault(p => p.Port is { Length: > 0 })?.Port;
        var inside = $"{facts.ComposeService ?? facts.Name}:{AppRoute.ServerPort(facts.Container).ToString(CultureInfo.InvariantCulture)}";
        return port is null ? $"From containers in its network it is {inside}; it has no published port." : $"From the host it is 127.0.0.1:{port}, from containers in its network {inside}.";
    }

    private static VolumeCheck Answer(CheckState state, string evidence, string? remedy = null) => new("app-target", state, evidence, remedy);
}
