using System.Globalization;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Databases.Space;

/// <summary>Checks before an operation whether its data fits on a disk.</summary>
/// <param name="Work">The operation that requires space: "the backup of shop".</param>
/// <param name="Least">The minimum number of bytes required.</param>
/// <param name="Likely">The estimated number of bytes required.</param>
internal sealed record DiskSpaceCheck(string Work, DiskSpace Space, long Least, long Likely)
{
    /// <summary>The margin of the estimate; also, a disk should not be filled completely.</summary>
    private const double Margin = 1.2;

    public override string ToString() => Space.Free is { } free
        ? $"{Work} requires {About}; {ByteSize.Text(free)} are free on {Space.Place}"
        : $"{Work} requires {About}; the free space on {Space.Place} is unknown: {Space.Reason}";

    private string About => Likely < 1 << 20 ? "less than 1 MB" : "about " + ByteSize.Text(Likely);

    /// <summary>Reports the free space if it is low or unknown.</summary>
    /// <exception cref="DbSafetyException"><c>DBS117</c> it does not fit.</exception>
    public void ThrowOrWarn(IOperationEvents events)
    {
        if (Space.Free is not { } free)
            events.Warning(ToString());
        else if (free < Least)
            throw ErrorCatalogue.NotEnoughSpace.For(Space.Place, ByteSize.Text(free), Work, ByteSize.Text(Least));
        else if (free < Likely * Margin)
            events.Warning(ToString());
        else
            events.Verbose(ToString());
    }
}
