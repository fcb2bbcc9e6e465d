using System.Management.Automation;
using System.Management.Automation.Host;
using DbSafety.Errors;

namespace DbSafety.PowerShell.Running;

/// <summary>The user's answer to a confirmation prompt.</summary>
internal enum Answer
{
    Yes,
    No,

    /// <summary>-WhatIf: show the plan and change nothing.</summary>
    WhatIf,
}

/// <summary>Asks for confirmation before a change, with PowerShell's ShouldProcess.</summary>
internal static class Consent
{
    /// <param name="plan">What will happen, shown by -WhatIf and -Verbose.</param>
    /// <param name="question">What -Confirm asks.</param>
    /// <param name="force">Skips the question, but neither -WhatIf nor an explicit -Confirm.</param>
    /// <exception cref="DbSafetyException"><c>DBS901</c> the session cannot prompt.</exception>
    public static Answer Ask(PSCmdlet cmdlet, string plan, string question, bool force)
    {
        if (force && !IsOn(cmdlet, "WhatIf", "WhatIfPreference") && !cmdlet.MyInvocation.BoundParameters.ContainsKey("Confirm"))
        {
            cmdlet.WriteVerbose(plan);
            return Answer.Yes;
        }

        try
        {
            var agreed = cmdlet.ShouldProcess(plan, question, cmdlet.MyInvocation.MyCommand.Name, out var reason);
            return agreed ? Answer.Yes : reason.HasFlag(ShouldProcessReason.WhatIf) ? Answer.WhatIf : Answer.No;
        }
        catch (Exception e) when (e is HostException or PSInvalidOperationException)
        {
            throw ErrorCatalogue.NeedsAnswer.Because(e, cmdlet.MyInvocation.MyCommand.Name);
        }
    }

    private static bool IsOn(PSCmdlet cmdlet, string parameter, string preference) =>
        cmdlet.MyInvocation.BoundParameters.TryGetValue(parameter, out var given)
            ? given is SwitchParameter { IsPresent: true }
            : LanguagePrimitives.IsTrue(cmdlet.GetVariableValue(preference));
}
