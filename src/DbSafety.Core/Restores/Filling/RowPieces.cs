using System.Buffers;
using DbSafety.Backups.Dumps;

namespace DbSafety.Restores.Filling;

/// <summary>
/// Cuts one table's COPY data into pieces of about a megabyte, each of complete rows, without the end mark that pg_dump writes after them.
/// In COPY's text format a row ends with a line break and does not contain one.
/// </summary>
internal sealed class RowPieces(Stream rows)
{
    private const int Size = 1 << 20;

    private byte[] carried = [];

    /// <summary>All pieces were taken.</summary>
    public bool IsEnded { get; private set; }

    private static ReadOnlySpan<byte> EndMark => "\\.\n\n\n"u8;

    /// <summary>The next piece, in a rented buffer to pass to <see cref="Return"/>; null after the last.</summary>
    /// <exception cref="DumpDamagedException">The data does not end as pg_dump ends it.</exception>
    public ArraySegment<byte>? Next()
    {
        if (IsEnded)
            return null;
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(Size, carried.Length * 2));
        carried.CopyTo(buffer, 0);
        var filled = carried.Length;
        filled += rows.ReadAtLeast(buffer.AsSpan(filled), buffer.Length - filled, throwOnEndOfStream: false);
        if (filled < buffer.Length)
            return Last(buffer, filled);
        // The mark can be at the end of what was read: that much is always kept for the next piece.
        var cut = buffer.AsSpan(0, filled - EndMark.Length).LastIndexOf((byte)'\n') + 1;
        carried = buffer.AsSpan(cut, filled - cut).ToArray();
        if (cut > 0)
            return new ArraySegment<byte>(buffer, 0, cut);
        // One row is larger than the buffer: the next buffer is twice as large.
        Return(buffer);
        return Next();
    }

    public static void Return(ArraySegment<byte> piece) => ArrayPool<byte>.Shared.Return(piece.Array!);

    private ArraySegment<byte>? Last(byte[] buffer, int filled)
    {
        IsEnded = true;
        if (!buffer.AsSpan(0, filled).EndsWith(EndMark))
            throw new DumpDamagedException("the data of a table does not end with the end-of-data marker \\.");
        if (filled > EndMark.Length)
            return new ArraySegment<byte>(buffer, 0, filled - EndMark.Length);
        Return(buffer);
        return null;
    }
}
