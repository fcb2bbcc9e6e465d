using System.Buffers.Binary;

namespace DbSafety.Docker.Clusters;

/// <summary>
/// The contents of a cluster's <c>global/pg_control</c>, read without a server (src/include/catalog/pg_control.h of PostgreSQL 10 to 18).
/// </summary>
/// <param name="SystemIdentifier">Assigned when the cluster was created, and never changed; copies of a cluster share it.</param>
/// <param name="Created">When initdb ran: the identifier's upper half is that second.</param>
/// <param name="LastCheckpoint">Nothing older than this can be missing.</param>
/// <param name="WasShutDown">False: its server was killed or still runs; the next start recovers it.</param>
public sealed record ClusterControl(ulong SystemIdentifier, DateTimeOffset Created, DateTimeOffset LastCheckpoint, bool WasShutDown)
{
    private const int StateAt = 16;
    private const int WrittenAt = 24;
    private const uint ShutDown = 1;
    private const uint ShutDownInRecovery = 2;

    /// <summary>Null when the bytes are no such file of a version known here.</summary>
    public static ClusterControl? Parse(ReadOnlySpan<byte> file)
    {
        if (file.Length < 128)
            return null;
        // Written in the byte order of the machine; a version in the wrong byte order is a very large number.
        var swapped = BinaryPrimitives.ReadUInt32LittleEndian(file[8..]) > 0xFFFF;
        var version = U32(file, 8, swapped);
        if (version is < 900 or > 9999)
            return null;
        var identifier = U64(file, 0, swapped);
        var state = U32(file, StateAt, swapped);
        var checkpoint = Time(U64(file, CheckpointTimeAt(version), swapped)) ?? Time(U64(file, WrittenAt, swapped));
        return Time(identifier >> 32) is { } created && checkpoint is { } last ? new ClusterControl(identifier, created, last, state is ShutDown or ShutDownInRecovery) : null;
    }

    /// <summary>
    /// Up to 10, the location of the previous checkpoint precedes the copy of the last checkpoint; 12 widened the next transaction's number, which shifts what
    /// follows it; 17's WAL level takes the place of padding.
    /// </summary>
    private static int CheckpointTimeAt(uint version) => version is >= 1100 and < 1200 ? 96 : version < 1900 ? 104 : WrittenAt;

    private static DateTimeOffset? Time(ulong seconds) => seconds is > 0 and < 32503680000 ? DateTimeOffset.FromUnixTimeSeconds((long)seconds) : null;

    private static uint U32(ReadOnlySpan<byte> file, int at, bool swapped) =>
        swapped ? BinaryPrimitives.ReadUInt32BigEndian(file[at..]) : BinaryPrimitives.ReadUInt32LittleEndian(file[at..]);

    private static ulong U64(ReadOnlySpan<byte> file, int at, bool swapped) =>
        swapped ? BinaryPrimitives.ReadUInt64BigEndian(file[at..]) : BinaryPrimitives.ReadUInt64LittleEndian(file[at..]);
}
