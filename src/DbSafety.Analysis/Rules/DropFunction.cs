using DbSafety.Analysis.Commands;

namespace DbSafety.Analysis.Rules;

/// <summary>Drops a function, and callers fail.</summary>
internal sealed class DropFunction() : DropRule("drop-function", ObjectKind.Function, ObjectKind.Procedure, ObjectKind.Aggregate, ObjectKind.Routine)
{
    protected override string Remedy(string name) => $"Create its replacement under a new name, change the callers, and drop {name} in a later release; CREATE OR REPLACE changes it in place.";
}
