using DbSafety.Analysis.Commands;

namespace DbSafety.Analysis.Rules;

/// <summary>Drops a row-level security policy: the visible rows change.</summary>
internal sealed class DropPolicy() : DropRule("drop-policy", ObjectKind.Policy)
{
    protected override string? Consequence => "roles see different rows of its table, or no rows";

    protected override string Remedy(string name) => "Create its replacement in the same transaction, or change it with ALTER POLICY.";
}
