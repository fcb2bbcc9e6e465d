namespace DbSafety.Analysis.Rules;

/// <summary>A function goes, and callers fail.</summary>
internal sealed class DropFunction() : DropRule("function", "procedure", "aggregate", "routine")
{
    public override string Id => "drop-function";

    protected override string Remedy(string name) => $"Make its successor under a new name, move the callers over, and drop {name} in a later release.";
}
