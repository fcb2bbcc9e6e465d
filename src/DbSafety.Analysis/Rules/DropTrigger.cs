using DbSafety.Analysis.Commands;

namespace DbSafety.Analysis.Rules;

/// <summary>A trigger goes, and it no longer fires.</summary>
internal sealed class DropTrigger() : DropRule("drop-trigger", ObjectKind.Trigger, ObjectKind.EventTrigger)
{
    protected override string? Consequence => "it no longer fires";

    protected override string Remedy(string name) => "Make sure that nothing relies on it; create its replacement in the same transaction, if there is one.";
}
