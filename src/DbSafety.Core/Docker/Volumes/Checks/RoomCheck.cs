using System.Globalization;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>How big is the data, and how much room is left? A restore beside the live database needs as much again.</summary>
internal sealed class RoomCheck : IVolumeCheck
{
    private const long Least = 1L << 30;

    public VolumeCheck Check(VolumeFacts facts)
    {
        var room = facts.Room;
        if (room is not { Bytes: { } bytes, Free: { } free })
            return Answer(CheckState.Unknown, $"Size and room are not known: {room.Reason ?? "the container's du and df cannot be read"}.");
        var evidence = $"The data takes {Size(bytes)}; {Size(free)} are left on its disk.";
        return free >= Math.Max(bytes, Least)
            ? Answer(CheckState.Pass, evidence)
            : Answer(
                CheckState.Warn,
                $"{evidence} A restore beside the live database needs as much room again.",
                "Make room before the next restore or migration: docker system df shows what Docker itself holds.");
    }

    private static string Size(long bytes) => bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB"),
        >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024} KiB"),
    };

    private static VolumeCheck Answer(CheckState state, string evidence, string? remedy = null) => new("room", state, evidence, remedy);
}
