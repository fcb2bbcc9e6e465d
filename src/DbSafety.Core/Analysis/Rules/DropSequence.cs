namespace DbSafety.Analysis.Rules;

/// <summary>A sequence goes; defaults and code that draw from it fail.</summary>
internal sealed class DropSequence() : DropRule("sequence")
{
    public override string Id => "drop-sequence";

    protected override string Remedy(string name) => $"Take the defaults that use {name} away first, then drop it.";
}
