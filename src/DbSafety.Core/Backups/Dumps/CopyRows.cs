using System.Buffers.Binary;

namespace DbSafety.Backups.Dumps;

/// <summary>
/// Counts the rows of one table's COPY data, which may arrive in pieces. In COPY's text format a row is a line: line breaks in
/// values are written as <c>\n</c> (https://www.postgresql.org/docs/current/sql-copy.html). pg_dump ends each table's data with
/// <c>\.</c> and two empty lines.
/// </summary>
internal struct CopyRows
{
    private static ReadOnlySpan<byte> End => "\\.\n\n\n"u8;

    private ulong tail;
    private long lines;
    private long bytes;

    public void Add(ReadOnlySpan<byte> data)
    {
        lines += data.Count((byte)'\n');
        bytes += data.Length;
        if (data.Length >= sizeof(ulong))
        {
            tail = BinaryPrimitives.ReadUInt64BigEndian(data[^sizeof(ulong)..]);
            return;
        }

        foreach (var b in data)
            tail = (tail << 8) | b;
    }

    /// <exception cref="DumpDamagedException">The data does not end as pg_dump ends it.</exception>
    public readonly long Rows(string table)
    {
        Span<byte> last = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(last, tail);
        if (bytes < End.Length || !last[^End.Length..].SequenceEqual(End))
            throw new DumpDamagedException($"the data of {table} does not end as pg_dump ends it");
        if (bytes > End.Length && last[^(End.Length + 1)] != (byte)'\n')
            throw new DumpDamagedException($"the last row of {table} is cut off");
        return lines - 3;
    }
}
