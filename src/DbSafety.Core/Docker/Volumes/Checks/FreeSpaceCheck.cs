using System.Globalization;
using DbSafety.Docker.Volumes.Facts;
using DbSafety.Operations;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>How large is the data, and how much free space is there? A restore next to the live database needs the same amount.</summary>
internal sealed class FreeSpaceCheck : IVolumeCheck
{
    private const long Least = 1L << 30;

    /// <summary>One WAL segment (https://www.postgresql.org/docs/current/wal-configuration.html): the server stops when it cannot create the next one.</summary>
    private const long Segment = 16L << 20;

    public VolumeCheck Check(VolumeFacts facts)
    {
        var (bytes, free) = (facts.Space.Bytes, facts.Space.Free);
        if (free is null)
            return Answer(CheckState.Unknown, $"Size and free space are not known: {facts.Space.Reason ?? "the container's du and df cannot be read"}.");
        var evidence = $"{(bytes is null ? "" : $"The data uses {ByteSize.Text(bytes.Value)}; ")}{ByteSize.Text(free.Value)} of its disk are free.";
        if (free < Segment)
            return Answer(
                CheckState.Fail,
                $"{evidence} The disk is full: the server stops when it cannot write WAL.",
                "Free some space, or create a larger volume and restore a backup into it. Do not delete files in the data directory, especially not in pg_wal.");
        if (bytes is null)
            return Answer(CheckState.Unknown, $"{evidence} The size of the data is not known: {facts.Space.Reason}.");
        return free >= Math.Max(bytes.Value, Least)
            ? Answer(CheckState.Pass, evidence)
            : Answer(
                CheckState.Warn,
                $"{evidence} A restore next to the live database needs the same amount of free space.",
                "Free some space before the next restore or migration: docker system df shows the space that Docker itself uses.");
    }

    private static VolumeCheck Answer(CheckState state, string evidence, string? remedy = null) => new("free-space", state, evidence, remedy);
}
