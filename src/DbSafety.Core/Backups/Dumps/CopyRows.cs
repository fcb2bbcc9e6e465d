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
    private long tabs;
    private bool insideRow;
    private bool ended;

    /// <summary>How many values each row must have; null: not checked, because a hash proves every byte.</summary>
    public int? Values { get; init; }

    public void Add(ReadOnlySpan<byte> data)
    {
        if (Values is not null)
            Check(data);
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
            throw new DumpDamagedException($"the data of {table} does not end with the end-of-data marker \\.");
        if (bytes > End.Length && last[^(End.Length + 1)] != (byte)'\n')
            throw new DumpDamagedException($"the last row of {table} is incomplete");
        return lines - 3;
    }

    /// <summary>The number of values that <c>COPY table (a, b) FROM stdin;</c> specifies; null if it does not specify it.</summary>
    public static int? Columns(string statement)
    {
        var from = statement.LastIndexOf(") FROM stdin", StringComparison.OrdinalIgnoreCase);
        if (from < 0)
            return null;
        var (columns, quoted) = (1, false);
        for (var i = from - 1; i >= 0 && (quoted || statement[i] != '('); i--)
        {
            quoted ^= statement[i] == '"';
            columns += !quoted && statement[i] == ',' ? 1 : 0;
        }

        return columns;
    }

    /// <summary>A row has one tab fewer than values, and no null byte.</summary>
    private void Check(ReadOnlySpan<byte> data)
    {
        if (data.Contains((byte)0))
            throw new DumpDamagedException($"row {lines + 1:N0} contains a null byte");
        var line = lines;
        while (!data.IsEmpty && !ended)
        {
            var newline = data.IndexOf((byte)'\n');
            var piece = newline < 0 ? data : data[..newline];
            // pg_dump's rows never begin so: a backslash in a value is doubled.
            ended = !insideRow && piece.StartsWith("\\."u8);
            tabs += piece.Count((byte)'\t');
            insideRow = newline < 0;
            if (newline < 0 || ended)
                return;
            line++;
            if (tabs != Values - 1)
                throw new DumpDamagedException($"row {line:N0} has {tabs + 1:N0} values instead of {Values:N0}");
            tabs = 0;
            data = data[(newline + 1)..];
        }
    }
}
