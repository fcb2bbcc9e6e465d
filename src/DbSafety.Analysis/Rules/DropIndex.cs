using DbSafety.Analysis.Commands;

namespace DbSafety.Analysis.Rules;

/// <summary>Drops an index, and queries that use it become slow.</summary>
internal sealed class DropIndex() : DropRule("drop-index", ObjectKind.Index)
{
    protected override string? Consequence => "queries that use it become slow, and a unique index no longer rejects duplicates";

    protected override string Remedy(string name) => $"Check pg_stat_user_indexes.idx_scan first; create the replacement of {name} before you drop it.";
}
