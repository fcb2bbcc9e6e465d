using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>The foreign keys that a set adds, and the indexes that it creates: only at its end is it known which keys have none.</summary>
/// <param name="defaultSchema">Where names without a schema live.</param>
internal sealed class ForeignKeyIndexes(string defaultSchema)
{
    /// <summary>With more of them than any real set has, they are judged without waiting for the end.</summary>
    private const int Most = 10_000;

    private static readonly string[] NoLookup = ["using gin", "using gist", "using brin", "using spgist"];

    private readonly List<AddedKey> keys = [];
    private readonly BoundedCache<RelationName, List<KeyIndex>> indexes = new();
    private int keysBefore;

    /// <param name="Columns">Null: they were not understood, so that it may have any.</param>
    private sealed record KeyIndex(string? Name, string[]? Columns);

    private sealed record AddedKey(RelationName Table, ConstraintDefinition Key, MigrationFinding Finding);

    public bool IsFull => keys.Count >= Most;

    /// <summary>The foreign keys of one effect, as table constraints and at columns.</summary>
    public static IEnumerable<ConstraintDefinition> Of(Effect effect) => effect.Cause switch
    {
        Command.CreateTable { Kind: ObjectKind.Table, IsTemporary: false } table => table.Columns.SelectMany(c => c.Constraints).Concat(table.Constraints).Where(IsKey),
        TableAction.AddColumn add => add.Column.Constraints.Where(IsKey),
        TableAction.AddConstraint { Constraint: var constraint } when IsKey(constraint) => [constraint],
        _ => [],
    };

    public void Add(RelationName table, ConstraintDefinition key, MigrationFinding finding) => keys.Add(new AddedKey(Key(table), key, finding));

    /// <summary>Those without an index, and forgets them.</summary>
    public IReadOnlyList<MigrationFinding> TakeUncovered()
    {
        List<MigrationFinding> uncovered = [.. keys.Where(k => !IsCovered(k)).Select(k => k.Finding)];
        keys.Clear();
        return uncovered;
    }

    public void Apply(Effect effect)
    {
        var table = Key(effect.Table);
        switch (effect.Cause)
        {
            case Command.CreateIndex index:
                AddIndex(index);
                break;
            case Command.CreateTable made:
                foreach (var constraint in made.Columns.SelectMany(c => c.Constraints).Concat(made.Constraints))
                    AddIndex(table, constraint);
                break;
            case TableAction.AddColumn add:
                foreach (var constraint in add.Column.Constraints)
                    AddIndex(table, constraint);
                break;
            case TableAction.AddConstraint add:
                AddIndex(table, add.Constraint);
                break;
            case Command.Drop { Kind: ObjectKind.Table }:
                keys.RemoveAll(k => k.Table == table);
                indexes.Remove(table);
                break;
            case Command.Drop { Kind: ObjectKind.Index }:
                foreach (var key in keys.Where(k => indexes.ContainsKey(k.Table)).Select(k => k.Table).Distinct().ToList())
                    indexes.GetValueOrDefault(key)!.RemoveAll(i => i.Name == effect.Object.Name.Name);
                break;
            case TableAction.DropColumn drop:
                keys.RemoveAll(k => k.Table == table && k.Key.Columns.Contains(drop.Column));
                break;
            case TableAction.DropConstraint drop:
                keys.RemoveAll(k => k.Table == table && k.Key.Name == drop.Name);
                break;
            case TableAction.RenameTo or TableAction.SetSchema when effect.Command is Command.AlterTable { Kind: ObjectKind.Table }:
                Rename(table, effect.Cause is TableAction.RenameTo to ? table with { Name = to.Name } : table with { Schema = ((TableAction.SetSchema)effect.Cause).Schema });
                break;
            case TableAction.RenameColumn rename:
                Rename(table, rename);
                break;
            case Command.Transaction { Begins: true }:
                keysBefore = keys.Count;
                break;
            case Command.Transaction { Word: "rollback" or "abort" } when keysBefore < keys.Count:
                keys.RemoveRange(keysBefore, keys.Count - keysBefore);
                break;
        }
    }

    /// <summary>An index serves the key if it begins with the key's columns, in any order.</summary>
    private bool IsCovered(AddedKey added) =>
        indexes.GetValueOrDefault(added.Table)?.Exists(i => i.Columns is null || (i.Columns.Length >= added.Key.Columns.Count && i.Columns.Take(added.Key.Columns.Count).ToHashSet().SetEquals(added.Key.Columns))) == true;

    /// <summary>GIN, GiST and BRIN do not look up single values; an index of some rows does, if these are all that have one.</summary>
    private void AddIndex(Command.CreateIndex index)
    {
        var isPartial = index.Where is { } where && !where.Contains("is not null", StringComparison.OrdinalIgnoreCase);
        if (!isPartial && !NoLookup.Any(m => index.Definition.Contains(m, StringComparison.OrdinalIgnoreCase)))
            Add(Key(index.Table), new KeyIndex(index.Name, index.Keys is null ? null : [.. index.Keys.Select(Unquoted)]));
    }

    private void AddIndex(RelationName table, ConstraintDefinition constraint)
    {
        if (constraint.Kind is ConstraintKind.PrimaryKey or ConstraintKind.Unique && constraint.Columns.Count > 0)
            Add(table, new KeyIndex(constraint.Name, [.. constraint.Columns]));
    }

    private void Add(RelationName table, KeyIndex index)
    {
        if (indexes.TryGetValue(table, out var known))
            known.Add(index);
        else
            indexes[table] = [index];
    }

    private void Rename(RelationName from, RelationName to)
    {
        for (var i = 0; i < keys.Count; i++)
            keys[i] = keys[i].Table == from ? keys[i] with { Table = to } : keys[i];
        if (indexes.Remove(from, out var moved))
            indexes[to] = moved;
    }

    private void Rename(RelationName table, TableAction.RenameColumn rename)
    {
        string[] Renamed(IReadOnlyList<string> columns) => [.. columns.Select(c => c == rename.Column ? rename.Name : c)];
        for (var i = 0; i < keys.Count; i++)
            keys[i] = keys[i].Table == table ? keys[i] with { Key = keys[i].Key with { Columns = Renamed(keys[i].Key.Columns) } } : keys[i];
        if (indexes.TryGetValue(table, out var known))
            indexes[table] = [.. known.Select(k => k with { Columns = k.Columns is null ? null : [.. Renamed(k.Columns)] })];
    }

    private static bool IsKey(ConstraintDefinition constraint) => constraint is { Kind: ConstraintKind.ForeignKey, Columns.Count: > 0, Referenced: not null };

    /// <summary>A column as it is called; an expression as written.</summary>
    private static string Unquoted(string key) => SqlSplitter.Split(key) is [{ Tokens: [{ IsName: true } name] }] ? name.Value : key;

    private RelationName Key(RelationName name) => new(name.Schema ?? defaultSchema, name.Name);
}
