using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings.History;

/// <summary>Which tables statements of the set have made children or partitions of which, and which refer to which by foreign keys: a statement about one of them reaches rows of the others.</summary>
internal sealed class TableTies
{
    private const int Most = 10_000;

    /// <param name="Name">Of the foreign key; null: it is none, or it has no name.</param>
    /// <param name="IsMade">The statement creates the table below: no table of the live database is tied by it, also if its transaction is rolled back.</param>
    private sealed record Tie(RelationName Above, RelationName Below, bool IsKey, string? Name = null, bool IsMade = false);

    private readonly HashSet<Tie> ties = [];

    /// <summary>All of its children and partitions, at whatever level.</summary>
    public IReadOnlyList<RelationName> Below(RelationName table) => Reached(table, withKeys: false);

    /// <summary>The same, and the tables that refer to these, which TRUNCATE … CASCADE truncates.</summary>
    public IReadOnlyList<RelationName> Referring(RelationName table) => Reached(table, withKeys: true);

    /// <summary>The tables of that schema which have children or partitions.</summary>
    public IReadOnlyList<RelationName> In(string schema) => [.. ties.Where(t => !t.IsKey && t.Above.Schema == schema).Select(t => t.Above).Distinct()];

    /// <summary>All that it is a child or a partition of.</summary>
    public IReadOnlyList<RelationName> Above(RelationName table)
    {
        var above = new List<RelationName> { table };
        for (var i = 0; i < above.Count; i++)
            above.AddRange(ties.Where(t => !t.IsKey && t.Below == above[i] && !above.Contains(t.Above)).Select(t => t.Above).ToList());
        return above[1..];
    }

    /// <param name="key">A name with its schema.</param>
    /// <param name="isCertain">False in bodies: whether and when they run is not known.</param>
    public void Apply(Effect effect, Func<RelationName, RelationName> key, bool isCertain)
    {
        var table = key(effect.Table);
        switch (effect.Cause)
        {
            case Command.CreateTable made:
                foreach (var parent in made.Inherits.Concat(made.Parent is { } of ? [of] : []))
                    Add(new Tie(key(parent), table, IsKey: false, IsMade: true));
                foreach (var constraint in made.Constraints.Concat(made.Columns.SelectMany(c => c.Constraints)))
                    Refer(table, constraint, key, isMade: true);
                break;
            case TableAction.AttachPartition attach:
                Add(new Tie(table, key(attach.Partition), IsKey: false));
                break;
            case TableAction.Inherit { Ends: false } inherit:
                Add(new Tie(key(inherit.Parent), table, IsKey: false));
                break;
            case TableAction.Inherit inherit when isCertain:
                Remove(key(inherit.Parent), table);
                break;
            case TableAction.DetachPartition detach when isCertain:
                Remove(table, key(detach.Partition));
                break;
            case TableAction.AddColumn add:
                foreach (var constraint in add.Column.Constraints)
                    Refer(table, constraint, key);
                break;
            case TableAction.AddConstraint add:
                Refer(table, add.Constraint, key);
                break;
            case TableAction.DropConstraint drop when isCertain:
                ties.RemoveWhere(t => t.IsKey && t.Below == table && t.Name == drop.Name);
                break;
            case Command.Drop { Kind: ObjectKind.Table } when isCertain:
                ties.RemoveWhere(t => t.Above == table || t.Below == table);
                break;
        }
    }

    public void Rename(RelationName from, RelationName to)
    {
        foreach (var tie in ties.Where(t => t.Above == from || t.Below == from).ToList())
        {
            ties.Remove(tie);
            ties.Add(tie with { Above = tie.Above == from ? to : tie.Above, Below = tie.Below == from ? to : tie.Below });
        }
    }

    private List<RelationName> Reached(RelationName table, bool withKeys)
    {
        var below = new List<RelationName> { table };
        for (var i = 0; i < below.Count && ties.Count > 0; i++)
            below.AddRange(ties.Where(t => (withKeys || !t.IsKey) && t.Above == below[i]).Select(t => t.Below).Distinct().Except(below).ToList());
        return [.. below.Skip(1).Where(b => ties.Any(t => t.Below == b && !t.IsMade && (withKeys || !t.IsKey) && below.Contains(t.Above)))];
    }

    private void Refer(RelationName table, ConstraintDefinition constraint, Func<RelationName, RelationName> key, bool isMade = false)
    {
        if (constraint is { Kind: ConstraintKind.ForeignKey, Referenced: { } referenced })
            Add(new Tie(key(referenced), table, IsKey: true, constraint.Name, isMade));
    }

    private void Remove(RelationName above, RelationName below) => ties.RemoveWhere(t => !t.IsKey && t.Above == above && t.Below == below);

    private void Add(Tie tie)
    {
        if (ties.Count < Most)
            ties.Add(tie);
    }
}
