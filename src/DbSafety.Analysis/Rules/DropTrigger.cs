using DbSafety.Analysis.Commands;

namespace DbSafety.Analysis.Rules;

/// <summary>A trigger goes, and what it did happens no more.</summary>
internal sealed class DropTrigger() : DropRule("drop-trigger", ObjectKind.Trigger, ObjectKind.EventTrigger)
{
    protected override string? Consequence => "what it did happens no more";

    protected override string Remedy(string name) => "Make sure that nothing relies on it; make its successor in the same transaction, if there is one.";
}
