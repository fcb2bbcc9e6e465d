namespace DbSafety.Analysis.Rules;

/// <summary>Without CONCURRENTLY the table is locked against everything while the index goes.</summary>
internal sealed class DropIndexBlocking() : DropRule("index")
{
    public override string Id => "drop-index-blocking";

    public override FindingSeverity Severity => FindingSeverity.Blocking;

    protected override string Consequence => "its table can neither be read nor written meanwhile";

    protected override bool Applies(SqlStatement statement) => !statement.Contains("concurrently");

    protected override string Remedy(string name) => $"DROP INDEX CONCURRENTLY {name}; in a migration of its own.";
}
