using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Without CONCURRENTLY, writes to the table are blocked while the index is built.</summary>
internal sealed class CreateIndexBlocking : IAnalysisRule
{
    public string Id => "create-index-blocking";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not Command.CreateIndex { IsConcurrent: false } index)
            return null;
        var table = context.Display(index.Table);
        return new Verdict(context.Display(effect.Object), $"builds an index on {table}", "Build it CONCURRENTLY, in a separate migration:")
        {
            SafeSql = $"CREATE {(index.IsUnique ? "UNIQUE " : "")}INDEX CONCURRENTLY {(index.IfNotExists ? "IF NOT EXISTS " : "")}{(index.Name is null ? "" : SqlName.Display(index.Name) + " ")}{index.Definition};",
            HarmlessBecause = context.NewHere(index.Table),
            Question = index.IsOnly ? new LiveQuestion(LiveFactKind.Partitioned, context.History.Live(index.Table)) : null,
            IfPartitioned = OnPartitions(index.Name ?? SqlName.WithSuffix(index.Table.Name, "_idx"), index.IsUnique ? "CREATE UNIQUE INDEX" : "CREATE INDEX", index.Table, index.Rest, context),
        };
    }

    /// <param name="create">CREATE INDEX or CREATE UNIQUE INDEX.</param>
    /// <param name="rest">What follows the table's name.</param>
    public static PartitionedRemedy OnPartitions(string name, string create, RelationName table, string rest, StatementContext context) => new(
        context.History.Live(table), "The table is partitioned. Create the index with ON ONLY, build an index CONCURRENTLY on each partition, each in a separate migration, and attach them:", partitions =>
        {
            var sql = new List<string> { $"{create} {SqlName.Display(name)} ON ONLY {context.Display(table)} {rest};" };
            for (var i = 0; i < partitions.Count; i++)
            {
                var part = SqlName.WithSuffix(name, $"_{i + 1}");
                sql.Add($"{create} CONCURRENTLY {SqlName.Display(part)} ON {context.Display(partitions[i])} {rest};");
                // An index is in the schema of its table.
                sql.Add($"ALTER INDEX {context.Display(table with { Name = name })} ATTACH PARTITION {context.Display(partitions[i] with { Name = part })};");
            }

            return string.Join('\n', sql);
        });
}
