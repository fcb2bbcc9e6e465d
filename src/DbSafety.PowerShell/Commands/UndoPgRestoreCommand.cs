using System.Management.Automation;
using DbSafety.PowerShell.Cmdlets;
using DbSafety.PowerShell.Parameters;
using DbSafety.PowerShell.Running;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.PowerShell.Commands;

/// <summary>Swaps the database that the last restore kept back into its place.</summary>
[Cmdlet(VerbsCommon.Undo, "PgRestore", DefaultParameterSetName = ByServer, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(PgRestore))]
public sealed class UndoPgRestoreCommand : PipedDatabaseCmdlet
{
    /// <summary>Specifies that logical replication slots may stay with the retained copy.</summary>
    [Parameter]
    public SwitchParameter AllowSlotLoss { get; set; }

    /// <summary>Do not ask. Every check is still made.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Specifies the retained database to swap in. Without it: the one that the last restore retained.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? To { get; set; }

    private protected override void Process()
    {
        var target = Target();
        var answer = Consent.Ask(
            this,
            To is not null ? $"Swap the retained database '{To}' in as '{target.Database}' on {target.Server}; what is '{target.Database}' now is retained under another name"
            : $"Swap the database kept by the last restore of '{target.Database}' on {target.Server} back; what is '{target.Database}' now is kept under another name",
            To is not null ? $"Swap '{To}' in as '{target.Database}' on {target.Server}?" : $"Put '{target.Database}' on {target.Server} back to what it was before its last restore?",
            Force);
        if (answer != Answer.No)
            WriteObject(Run(new UndoRestore(), new UndoRestoreRequest(target) { AllowSlotLoss = AllowSlotLoss, WhatIf = answer == Answer.WhatIf, To = To }));
    }
}
