using System.Management.Automation;
using DbSafety.PowerShell.Parameters;
using DbSafety.PowerShell.Running;
using DbSafety.Restores;

namespace DbSafety.PowerShell.Commands;

/// <summary>Restores a set beside the live database, verifies it, then swaps; the old database is kept.</summary>
[Cmdlet(VerbsData.Restore, "PgDatabase", DefaultParameterSetName = ByServer, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(PgRestore))]
public sealed class RestorePgDatabaseCommand : DatabaseCmdlet
{
    /// <summary>The set: its manifest or payload.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "Set")]
    [ValidateNotNullOrEmpty]
    [TextOnly]
    public string Path { get; set; } = "";

    /// <summary>The database to restore to, made if it is not there; left out with a backup on the pipeline: the one it was made of.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public override string? Database { get; set; }

    /// <summary>A set that holds a part of its database may take the place of a live one.</summary>
    [Parameter]
    public SwitchParameter AllowExcerpt { get; set; }

    /// <summary>Do not ask. Every check is still made.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool PipedNameIsTarget => false;

    private protected override void Process()
    {
        var target = Target();
        var set = ProviderPaths.Literal(this, Path);
        var name = System.IO.Path.GetFileName(set);
        var answer = Consent.Ask(
            this,
            $"Restore {name} beside '{target.Database}' on {target.Server}, verify it, then swap; what is '{target.Database}' now is kept as '{target.Database}_before_<time>'",
            $"Put {name} in the place of '{target.Database}' on {target.Server}? What is there now is kept under another name.",
            Force);
        if (answer != Answer.No)
            WriteObject(Run(new RestoreDatabase(), new RestoreRequest(set, target) { WhatIf = answer == Answer.WhatIf, AllowExcerpt = AllowExcerpt }));
    }
}
