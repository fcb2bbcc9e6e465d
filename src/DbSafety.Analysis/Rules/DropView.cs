using DbSafety.Analysis.Commands;

namespace DbSafety.Analysis.Rules;

/// <summary>Drops a view, and queries on it fail.</summary>
internal sealed class DropView() : DropRule("drop-view", ObjectKind.View)
{
    protected override string Remedy(string name) => $"Deploy a release that does not read {name} first, then drop it; CREATE OR REPLACE VIEW changes it in place.";
}
