namespace DbSafety.Analysis.Rules;

/// <summary>A view goes, and queries on it fail.</summary>
internal sealed class DropView() : DropRule("view")
{
    public override string Id => "drop-view";

    protected override string Remedy(string name) => $"Ship a release that does not read {name} first, then drop it.";
}
