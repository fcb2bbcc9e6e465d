using DbSafety.Analysis.Commands;

namespace DbSafety.Analysis.Rules;

/// <summary>A function goes, and callers fail.</summary>
internal sealed class DropFunction() : DropRule("drop-function", ObjectKind.Function, ObjectKind.Procedure, ObjectKind.Aggregate, ObjectKind.Routine)
{
    protected override string Remedy(string name) => $"Make its successor under a new name, move the callers over, and drop {name} in a later release; CREATE OR REPLACE changes it in place.";
}
