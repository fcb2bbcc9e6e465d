using System.Management.Automation;
using DbSafety.Databases;
using DbSafety.Databases.Connections;
using DbSafety.PowerShell.Cmdlets;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;
using DbSafety.PowerShell.Running;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Retained;

namespace DbSafety.PowerShell.Commands;

/// <summary>Swaps in the database that the last restore retained.</summary>
[Cmdlet(VerbsCommon.Undo, "PgRestore", DefaultParameterSetName = ByServer, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(PgRestore))]
public sealed class UndoPgRestoreCommand : PipedDatabaseCmdlet
{
    /// <summary>Allow logical replication slots to stay with the retained copy.</summary>
    [Parameter]
    public SwitchParameter AllowSlotLoss { get; set; }

    /// <summary>Allow -To to specify a database without the mark of a retained database.</summary>
    [Parameter]
    public SwitchParameter AllowUnmarked { get; set; }

    /// <summary>Do not ask for confirmation. Every check still runs.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>The retained database to swap in. Default: the database that the last restore retained.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Name")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RetainedCompleter))]
    public string? To { get; set; }

    private protected override DatabaseTarget OfInput(IDatabaseObject input) => input is PgRetainedDatabase retained ? retained.ToTarget().On(retained.Database) : base.OfInput(input);

    private protected override void Process()
    {
        var target = Target();
        var answer = Consent.Ask(
            this,
            To is not null ? $"Swap the retained database '{To}' in as '{target.Database}' on {target.Server}; the current database '{target.Database}' is retained under another name"
            : $"Swap in the database that the last restore of '{target.Database}' on {target.Server} retained; the current database '{target.Database}' is retained under another name",
            To is not null ? $"Swap '{To}' in as '{target.Database}' on {target.Server}?" : $"Undo the last restore of '{target.Database}' on {target.Server}?",
            Force);
        if (answer != Answer.No)
        {
            var retained = InputObject is PgRetainedDatabase listed && listed.Name == To ? listed : null;
            WriteObject(Run(new UndoRestore(), new UndoRestoreRequest(target) { AllowSlotLoss = AllowSlotLoss, AllowUnmarked = AllowUnmarked, WhatIf = answer == Answer.WhatIf, To = To, Retained = retained }));
        }
    }
}
