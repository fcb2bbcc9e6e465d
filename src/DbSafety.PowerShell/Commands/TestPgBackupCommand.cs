using System.Management.Automation;
using DbSafety.Backups;
using DbSafety.Errors;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;
using DbSafety.PowerShell.Running;

namespace DbSafety.PowerShell.Commands;

/// <summary>Checks every byte and every row count of backup sets, without a server.</summary>
[Cmdlet(VerbsDiagnostic.Test, "PgBackup")]
[OutputType(typeof(PgBackupTest))]
public sealed class TestPgBackupCommand : OperationCmdlet
{
    /// <summary>The sets: their manifests or payloads.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "Set")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [TextOnly]
    [ArgumentCompleter(typeof(BackupCompleter))]
    public string[] Path { get; set; } = [];

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
        var result = Run(new TestBackup(), new BackupTestRequest(set));
        WriteObject(result);
        if (!result.Passed)
            Report(ErrorCatalogue.BackupDamaged.For(set, string.Join("; ", result.Problems)));
    }
}
