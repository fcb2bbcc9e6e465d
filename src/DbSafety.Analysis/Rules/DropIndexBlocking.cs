using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Without CONCURRENTLY, an ACCESS EXCLUSIVE lock on the table is required.</summary>
internal sealed class DropIndexBlocking() : DropRule("drop-index-blocking", ObjectKind.Index)
{
    public override FindingSeverity Severity => FindingSeverity.Blocking;

    protected override string? Consequence => null;

    protected override string? IfPartitioned => "The index is partitioned, and PostgreSQL refuses to drop it CONCURRENTLY: set a short lock_timeout, and retry until it succeeds.";

    protected override bool Applies(Command.Drop drop) => !drop.IsConcurrent;

    protected override string Remedy(string name) => "Drop it CONCURRENTLY, in a separate migration:";

    protected override string? SafeSql(Command.Drop drop, string name) => $"DROP INDEX CONCURRENTLY {(drop.IfExists ? "IF EXISTS " : "")}{name};";
}
