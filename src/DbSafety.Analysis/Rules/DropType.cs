using DbSafety.Analysis.Commands;

namespace DbSafety.Analysis.Rules;

/// <summary>Drops a type, and code that uses its name fails.</summary>
internal sealed class DropType() : DropRule("drop-type", ObjectKind.Type, ObjectKind.Domain)
{
    protected override string Remedy(string name) => $"First deploy a release that does not use {name}, then drop it.";
}
