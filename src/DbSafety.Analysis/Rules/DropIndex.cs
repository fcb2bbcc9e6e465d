using DbSafety.Analysis.Commands;

namespace DbSafety.Analysis.Rules;

/// <summary>An index goes, and the queries it served become slow.</summary>
internal sealed class DropIndex() : DropRule("drop-index", ObjectKind.Index)
{
    protected override string? Consequence => "queries it served become slow, and if it was unique, nothing is any more";

    protected override string Remedy(string name) => $"Look at pg_stat_user_indexes.idx_scan first; make the replacement of {name} before dropping it.";
}
