using System.Collections.Immutable;
using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>What the set has dropped or replaced so far, as the live database calls it: relations, types and functions, and parts of tables (policies, triggers, constraints, columns).</summary>
internal sealed class DroppedObjects
{
    /// <summary>By the name of the relation, and the name of the part; null if all of it is gone.</summary>
    public ImmutableHashSet<(RelationName Name, string? Part)> All { get; private set; } = [];

    /// <summary>Something may be gone that no statement names.</summary>
    public bool IsUncertain { get; private set; }

    public void Apply(Effect effect, SchemaHistory history)
    {
        switch (effect.Cause)
        {
            case Command.Drop drop:
                IsUncertain |= drop.Cascades || drop.Kind is ObjectKind.Schema or ObjectKind.Extension;
                Add(drop.On is { } on ? (history.Live(on), drop.Names[0].Name) : (history.Live(effect.Object.Name), null));
                break;
            case Command.CreateObject { Replaces: true } made:
                Add((history.Live(made.Name), null));
                break;
            case TableAction.DropColumn drop:
                IsUncertain |= drop.Cascades;
                Add((history.Live(effect.Table), history.LiveColumn(effect.Table, drop.Column)));
                break;
            case TableAction.DropConstraint drop:
                IsUncertain |= drop.Cascades;
                Add((history.Live(effect.Table), drop.Name));
                break;
            // It no longer uses its default, its expression or its type.
            case TableAction.DropDefault { Column: var column }:
                Add((history.Live(effect.Table), history.LiveColumn(effect.Table, column)));
                break;
            case TableAction.SetDefault { Column: var column }:
                Add((history.Live(effect.Table), history.LiveColumn(effect.Table, column)));
                break;
            case TableAction.ChangeType { Column: var column }:
                Add((history.Live(effect.Table), history.LiveColumn(effect.Table, column)));
                break;
            // What changes may no longer use what it used.
            case ObjectAction or TableAction.SetExpression or TableAction.AttachPartition or TableAction.DetachPartition:
            case Command.DropOwned or Command.DoBlock or Command.Call or Command.ExecuteText or Command.Unknown or Command.Transaction { Word: not ("begin" or "start" or "commit" or "end") }:
                IsUncertain = true;
                break;
        }
    }

    /// <summary>Of very many nothing is certain any more.</summary>
    private void Add((RelationName, string?) what)
    {
        if (All.Count < BoundedCache<int, int>.Most)
            All = All.Add(what);
        else
            IsUncertain = true;
    }
}
