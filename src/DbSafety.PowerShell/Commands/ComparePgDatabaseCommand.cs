using System.Management.Automation;
using DbSafety.Backups.Sets;
using DbSafety.Comparisons;
using DbSafety.Databases;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Connections.Text;
using DbSafety.Databases.Snapshots;
using DbSafety.Errors;
using DbSafety.PowerShell.Cmdlets;
using DbSafety.PowerShell.Parameters;

namespace DbSafety.PowerShell.Commands;

/// <summary>Compares databases, backups and fingerprints, and lists what was lost, added and changed.</summary>
[Cmdlet(VerbsData.Compare, "PgDatabase", DefaultParameterSetName = ByServer)]
[OutputType(typeof(PgDifference))]
public sealed class ComparePgDatabaseCommand : DatabaseCmdlet
{
    /// <summary>What to compare with: a backup, a fingerprint, a database, a URL, or the path of a set or of a saved fingerprint.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public object? Reference { get; set; }

    /// <summary>The side to compare, in the formats of the reference. Default: the database that the other parameters specify.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public object? Difference { get; set; }

    /// <summary>Compare the rows of databases by hash too. Default if the other side has checksums.</summary>
    [Parameter]
    public SwitchParameter Checksum { get; set; }

    private protected override bool PipedNameIsTarget => false;

    private protected override void Process()
    {
        var reference = Side(Reference!);
        if (Difference is null && Unwrapped(Reference!) is IDatabaseObject database && Target().Equals(database.ToTarget()))
            throw ErrorCatalogue.TargetInvalid.For("Compare-PgDatabase", "it would compare a database with itself; specify another side with -Difference");
        var difference = Difference is null ? ComparisonSide.Of(Target()) : Side(Difference);
        WriteObject(Run(new CompareDatabases(), new CompareRequest(reference, difference) { Checksum = Checksum }));
    }

    private ComparisonSide Side(object thing) => Unwrapped(thing) switch
    {
        PgBackup backup => ComparisonSide.Of(backup),
        PgFingerprint fingerprint => ComparisonSide.Of(fingerprint),
        IDatabaseObject database => ComparisonSide.Of(database.ToTarget()),
        FileSystemInfo file => ComparisonSide.OfFile(file.FullName),
        string text => Text(text),
        var other => throw ErrorCatalogue.NothingToCompare.For(other.GetType().Name, "objects of this type hold no rows"),
    };

    /// <summary>An existing file is a file; a text in the format of a URL or a connection string is a database.</summary>
    private ComparisonSide Text(string text)
    {
        if (text.StartsWith("env:", StringComparison.OrdinalIgnoreCase))
            return Named(DatabaseTargets.OfVariable(text));
        if (text.Contains("://", StringComparison.Ordinal) || (text.Contains('=', StringComparison.Ordinal) && ConnectionNames.IsConnection(text)))
            return Named(text);
        var path = ProviderPaths.Literal(this, text);
        return text.Contains('=', StringComparison.Ordinal) && !System.IO.Path.Exists(path) ? Named(text) : ComparisonSide.OfFile(path);
    }

    private ComparisonSide Named(string text) => ComparisonSide.Of(Run(new ChooseServer(), new DatabaseChoice { ConnectionString = text }.Resolve()));

    private static object Unwrapped(object thing) => thing is PSObject { BaseObject: var inner } ? inner : thing;
}
