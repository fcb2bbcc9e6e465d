using System.Globalization;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Databases.Space;

/// <summary>Checks before an operation whether its data fits on a disk.</summary>
/// <param name="Work">The operation that requires space: "the backup of shop".</param>
/// <param name="Least">The minimum number of bytes required.</param>
/// <param name="Likely">The estimated number of bytes required.</param>
internal sealed record RoomJudgement(string Work, DiskRoom Room, long Least, long Likely)
{
    /// <summary>The margin of the estimate; also, a disk should not be filled completely.</summary>
    private const double Margin = 1.2;

    public override string ToString() => Room.Free is { } free
        ? $"{Work} requires {About}; {Size(free)} are free on {Room.Place}"
        : $"{Work} requires {About}; the free space on {Room.Place} is unknown: {Room.Reason}";

    private string About => Likely < 1_000_000 ? "less than 1 MB" : "about " + Size(Likely);

    /// <summary>Reports the free space if it is low or unknown.</summary>
    /// <exception cref="DbSafetyException"><c>DBS117</c> it does not fit.</exception>
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
