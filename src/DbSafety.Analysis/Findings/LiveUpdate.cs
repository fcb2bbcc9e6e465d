using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>What an UPDATE assigns other values to than were there, by the names of the live database.</summary>
/// <param name="Columns">Empty: they are not known.</param>
/// <param name="Nulled">Those that become NULL.</param>
/// <param name="IsCreated">The set created the table.</param>
internal sealed record LiveUpdate(RelationName Table, IReadOnlyList<string> Columns, IReadOnlyList<string> Nulled, bool IsCreated)
{
    /// <summary>It may change what that key refers to.</summary>
    public bool MayChange(LiveForeignKey key) => key.Referenced == Table && (key.ReferencedColumns.Count == 0 || Columns.Count == 0 || key.ReferencedColumns.Intersect(Columns).Any());

    /// <summary>Null: it keeps all values.</summary>
    public static LiveUpdate? Of(RowChange change, SchemaHistory history)
    {
        List<string> Live(IEnumerable<string> columns) => [.. columns.Except(change.Same).Except(change.Filled).Select(c => history.LiveColumn(change.Stored, change.StoredColumn(c)))];
        var columns = Live(change.Columns);
        return columns.Count == 0 && change.Columns.Count > 0 ? null : new LiveUpdate(history.LiveKey(change.Stored), columns, Live(change.Nulled), history.IsCreated(change.Stored));
    }
}
