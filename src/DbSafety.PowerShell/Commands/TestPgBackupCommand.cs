using System.Management.Automation;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Errors;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;
using DbSafety.PowerShell.Running;
using DbSafety.Restores;

namespace DbSafety.PowerShell.Commands;

/// <summary>Checks every byte and every row count of backup sets, without a server.</summary>
[Cmdlet(VerbsDiagnostic.Test, "PgBackup")]
[OutputType(typeof(PgBackupTest))]
public sealed class TestPgBackupCommand : OperationCmdlet
{
    /// <summary>The sets: their manifests or dumps.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "Set")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [TextOnly]
    [ArgumentCompleter(typeof(BackupCompleter))]
    public string[] Path { get; set; } = [];

    /// <summary>Also restore it on a temporary server, and compare the result with the manifest.</summary>
    [Parameter]
    public SwitchParameter Drill { get; set; }

    private protected override bool EndsOnError => false;

    private protected override void Process()
    {
        foreach (var pattern in Path)
            Attempt(() => TestAll(pattern));
    }

    private void TestAll(string pattern)
    {
        foreach (var set in ProviderPaths.Matching(this, pattern))
            Attempt(() => Test(set));
    }

    private void Test(string set)
    {
        var result = Run<BackupTestRequest, PgBackupTest>(Drill ? new DrillBackup() : new TestBackup(), new BackupTestRequest(set));
        WriteObject(result);
        if (!result.Passed)
            Report((result.State == BackupState.Damaged ? ErrorCatalogue.BackupDamaged : ErrorCatalogue.IntactNotRestorable).For(set, string.Join("; ", result.Problems)));
    }
}
