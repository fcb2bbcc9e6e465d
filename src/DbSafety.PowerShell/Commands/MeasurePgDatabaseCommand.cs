using System.Management.Automation;
using DbSafety.Databases;
using DbSafety.Databases.Snapshots;
using DbSafety.PowerShell.Cmdlets;
using DbSafety.PowerShell.Parameters;

namespace DbSafety.PowerShell.Commands;

/// <summary>Counts every table exactly, in one snapshot, and hashes the definitions.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "PgDatabase", DefaultParameterSetName = ByServer)]
[OutputType(typeof(PgFingerprint))]
public sealed class MeasurePgDatabaseCommand : PipedDatabaseCmdlet
{
    /// <summary>Hash the rows of every table in addition to counting them.</summary>
    [Parameter]
    public SwitchParameter Checksum { get; set; }

    private protected override void Process() =>
        WriteObject(Run(new MeasureDatabase(), new DatabaseMeasureRequest(Target()) { Checksum = Checksum }));
}
