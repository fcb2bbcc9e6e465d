namespace DbSafety.Backups.Dumps;

/// <summary>Skips the rows of one COPY in a plain dump, without keeping a row, because a row can be large.</summary>
/// <param name="check">Checks each row's values, if no hash proves them.</param>
internal ref struct PlainRows(DumpInput input, CopyTarget? check, PlainFeed? feed)
{
    private static ReadOnlySpan<byte> End => "\\."u8;

    private readonly int tabs = check?.Values - 1 ?? -1;
    private long rows;
    private long lines;
    private int seen;

    /// <summary>A backslash came last: what follows it is data, a line break and a tab too.</summary>
    private bool escaped;

    /// <summary>Lines of the script, with the end mark.</summary>
    public readonly long Lines => lines;

    /// <exception cref="DumpDamagedException">It is incomplete, or a row has the wrong number of values.</exception>
    public long Skip()
    {
        while (!SkipLine())
        {
            lines++;
            if (escaped)
            {
                escaped = false;
                continue;
            }

            if (tabs >= 0 && seen != tabs)
                throw new DumpDamagedException($"row {rows + 1:N0} of {check!.Schema}.{check.Name} has {seen + 1:N0} values instead of {tabs + 1:N0}");
            (seen, rows) = (0, rows + 1);
        }

        lines++;
        return rows;
    }

    /// <summary>True where the line was the end mark.</summary>
    private bool SkipLine()
    {
        Span<byte> first = stackalloc byte[3];
        var length = 0L;
        while (true)
        {
            var data = input.Peek();
            if (data.IsEmpty)
                throw check is null ? input.CutOff() : new DumpDamagedException($"it ends in the rows of {check.Schema}.{check.Name}, without the end-of-data marker \\.: it is incomplete, or was written without that marker");
            var newline = data.IndexOf((byte)'\n');
            var piece = newline < 0 ? data : data[..newline];
            for (var i = 0; length + i < first.Length && i < piece.Length; i++)
                first[(int)length + i] = piece[i];
            length += piece.Length;
            if (check is not null)
                seen += Look(piece);
            feed?.Data(newline < 0 ? data : data[..(newline + 1)]);
            input.Take(newline < 0 ? piece.Length : newline + 1);
            if (newline < 0)
                continue;
            // Where lines end with CR LF, this one does too.
            if (first.StartsWith(End) && (length == 2 || (length == 3 && first[2] == (byte)'\r')))
                return true;
            return false;
        }
    }

    private int Look(ReadOnlySpan<byte> piece)
    {
        if (piece.Contains((byte)0))
            throw new DumpDamagedException($"row {rows + 1:N0} of {check!.Schema}.{check.Name} contains a null byte");
        if (!check!.Exact)
            return 0;
        if (!escaped && !piece.Contains((byte)'\\'))
            return piece.Count((byte)'\t');
        var found = 0;
        foreach (var c in piece)
        {
            found += c == (byte)'\t' && !escaped ? 1 : 0;
            escaped = c == (byte)'\\' && !escaped;
        }

        return found;
    }
}
