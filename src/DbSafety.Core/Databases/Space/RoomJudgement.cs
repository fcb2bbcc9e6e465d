using System.Globalization;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Databases.Space;

/// <summary>Whether something fits on a disk, said before it is begun.</summary>
/// <param name="Work">What needs the room: "the backup of shop".</param>
/// <param name="Least">Bytes below which it certainly does not fit.</param>
/// <param name="Likely">Bytes it will take, as far as can be told.</param>
internal sealed record RoomJudgement(string Work, DiskRoom Room, long Least, long Likely)
{
    /// <summary>An estimate may be off by that much, and a disk should not be filled to its last byte.</summary>
    private const double Margin = 1.2;

    public override string ToString() => Room.Free is { } free
        ? $"{Work} requires {About}; {Size(free)} are free on {Room.Place}"
        : $"{Work} requires {About}; the free space on {Room.Place} is unknown: {Room.Reason}";

    private string About => Likely < 1_000_000 ? "less than 1 MB" : "about " + Size(Likely);

    /// <summary>Says it where it is close or unknown.</summary>
    /// <exception cref="DbSafetyException"><c>DBS117</c> it certainly does not fit.</exception>
    public void Settle(IOperationEvents events)
    {
        if (Room.Free is not { } free)
            events.Warning(ToString());
        else if (free < Least)
            throw ErrorCatalogue.NoRoom.For(Room.Place, Size(free), Work, Size(Least));
        else if (free < Likely * Margin)
            events.Warning(ToString());
        else
            events.Verbose(ToString());
    }

    private static string Size(long bytes) => bytes < 1_000_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.#} MB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.##} GB");
}
