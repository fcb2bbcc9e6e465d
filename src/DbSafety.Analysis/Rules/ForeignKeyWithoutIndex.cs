using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>
/// PostgreSQL makes no index on the columns of a foreign key: each DELETE and each UPDATE of the key of a referenced row reads the whole referencing table (https://www.postgresql.org/docs/current/ddl-constraints.html).
/// </summary>
internal sealed class ForeignKeyWithoutIndex() : LateRule("foreign-key-without-index", FindingSeverity.Breaking)
{
    /// <param name="isNew">The statement creates the table.</param>
    public static Verdict Verdict(ConstraintDefinition key, RelationName table, bool isNew, StatementContext context)
    {
        var columns = string.Join(", ", key.Columns.Select(SqlName.Display));
        return new Verdict(context.Display(table, key.Name ?? string.Join('_', key.Columns)),
            $"adds a foreign key on {context.Display(table)} ({columns}) without an index on {(key.Columns.Count == 1 ? "it" : "them")}: each DELETE in {context.Display(key.Referenced!)} reads all rows of {context.Display(table)}",
            "Create the index, before the foreign key:")
        {
            IfPartitioned = CreateIndexBlocking.OnPartitions(SqlName.WithSuffix(string.Join('_', key.Columns.Prepend(table.Name)), "_idx"), "CREATE INDEX", table, $"({columns})", context),
            SafeSql = $"CREATE INDEX CONCURRENTLY ON {context.Display(table)} ({columns});",
            Question = new LiveQuestion(LiveFactKind.Uncovered, context.History.Live(table)) { Condition = string.Join('\0', key.Columns.Select(c => context.History.LiveColumn(table, c))) },
            HarmlessBecause = isNew ? "the table was created by the same pending migrations" : context.NewHere(table),
        };
    }
}
