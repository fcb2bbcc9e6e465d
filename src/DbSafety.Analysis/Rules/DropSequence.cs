using DbSafety.Analysis.Commands;

namespace DbSafety.Analysis.Rules;

/// <summary>Drops a sequence; defaults and code that use it fail.</summary>
internal sealed class DropSequence() : DropRule("drop-sequence", ObjectKind.Sequence)
{
    protected override string Remedy(string name) => $"Drop the defaults that use {name} first, then drop it.";
}
