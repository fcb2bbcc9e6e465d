using System.Collections.Immutable;
using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>What the pending statements have done to one table, under whatever name it bears now.</summary>
internal sealed class PendingTable
{
    // Of most tables little happens, and there may be very many.
    private HashSet<string>? added;
    private Dictionary<string, string>? liveColumns;
    private Dictionary<string, DroppedColumn>? dropped;
    private Dictionary<string, ConstraintDefinition>? constraints;
    private Dictionary<string, string>? withoutNulls;
    private HashSet<string>? retyped, redefaulted, texts, empty;
    private List<string>? built;
    private Dictionary<string, string>? types;

    /// <summary>What the live database calls it; null if that is its name here.</summary>
    public RelationName? LiveName { get; set; }

    /// <summary>The live database is to be asked about it by other names than those it has here.</summary>
    public bool IsRenamed => LiveName is not null || liveColumns is not null;

    /// <summary>CREATE TABLE IF NOT EXISTS named it.</summary>
    public bool IsCreatedIfMissing { get; set; }

    /// <summary>Its rows may be others than those in the live database.</summary>
    public bool MayHaveChanged { get; set; }

    public bool IsAdded(string column) => added?.Contains(column) == true;

    /// <summary>It was added without a default, so that no row that was there has a value in it.</summary>
    public bool IsAddedEmpty(string column) => empty?.Contains(column) == true && IsAdded(column);

    /// <summary>The set has given it a type of text.</summary>
    public bool IsText(string column) => texts?.Contains(column) == true;

    /// <summary>It has got another type.</summary>
    public bool IsRetyped(string column) => retyped?.Contains(column) == true;

    /// <summary>It has got another default, or lost it.</summary>
    public bool HasNewDefault(string column) => redefaulted?.Contains(column) == true;

    /// <summary>The type that the set has given it, as written; null: none.</summary>
    public string? GivenType(string column) => types?.GetValueOrDefault(column);

    /// <summary>The set has built an index or a constraint on it, which another type can have PostgreSQL build again.</summary>
    public bool HasBuiltOn(string column) => built?.Exists(b => b.Contains(column, StringComparison.OrdinalIgnoreCase)) == true;

    /// <param name="definition">As written.</param>
    public void NoteBuilt(string definition) => (built ??= []).Add(definition);

    /// <summary>What the live database calls the columns that the set has renamed, by their new names.</summary>
    public IReadOnlyDictionary<string, string> RenamedColumns => liveColumns ?? (IReadOnlyDictionary<string, string>)ImmutableDictionary<string, string>.Empty;

    public string LiveColumn(string column) => liveColumns?.GetValueOrDefault(column) ?? column;

    public DroppedColumn? Dropped(string column) => dropped?.GetValueOrDefault(column);

    public ConstraintDefinition? Constraint(string name) => constraints?.GetValueOrDefault(name);

    /// <summary>A check that was added and validated has shown it.</summary>
    public bool IsProvenNotNull(string column) => withoutNulls?.ContainsKey(column) == true;

    public void Add(ConstraintDefinition constraint)
    {
        if (constraint.Name is not { } name)
            return;
        (constraints ??= [])[name] = constraint;
        if (!constraint.IsNotValid && ColumnWithoutNulls(constraint) is { } column)
            (withoutNulls ??= [])[column] = name;
    }

    public void NoteType(string column, string type)
    {
        (types ??= [])[column] = type;
        if (TypeConversion.IsText(type))
            (texts ??= []).Add(column);
        else
            texts?.Remove(column);
    }

    /// <param name="isCreated">It was created by the same set, so that nothing of value is in it.</param>
    public void Apply(TableAction action, RelationName live, bool isCreated)
    {
        switch (action)
        {
            case TableAction.ChangeType change:
                (retyped ??= []).Add(change.Column);
                NoteType(change.Column, change.Type);
                break;
            case TableAction.SetDefault set:
                (redefaulted ??= []).Add(set.Column);
                break;
            case TableAction.DropDefault without:
                (redefaulted ??= []).Add(without.Column);
                break;
            case TableAction.RenameColumn rename when added?.Remove(rename.Column) == true:
                added.Add(rename.Name);
                Rename(rename);
                break;
            case TableAction.RenameColumn rename:
                (liveColumns ??= [])[rename.Name] = LiveColumn(rename.Column);
                Rename(rename);
                break;
            case TableAction.AddColumn { IfNotExists: false } add:
                (added ??= []).Add(add.Column.Name);
                if (!add.Column.FillsItself && !TypeConversion.IsUserDefined(add.Column.Type))
                    (empty ??= []).Add(add.Column.Name);
                else
                    empty?.Remove(add.Column.Name);
                NoteType(add.Column.Name, add.Column.Type);
                break;
            case TableAction.DropColumn drop:
                if (added?.Remove(drop.Column) != true && !isCreated)
                    (dropped ??= [])[drop.Column] = new DroppedColumn(live, LiveColumn(drop.Column));
                break;
            case TableAction.AddConstraint add:
                Add(add.Constraint);
                NoteBuilt(add.Constraint.Text);
                break;
            case TableAction.ValidateConstraint validate when Constraint(validate.Name) is { } known:
                Add(known with { IsNotValid = false });
                break;
            case TableAction.DropConstraint drop when Constraint(drop.Name) is { } known:
                constraints!.Remove(drop.Name);
                if (ColumnWithoutNulls(known) is { } column && withoutNulls?.GetValueOrDefault(column) == drop.Name)
                    withoutNulls.Remove(column);
                break;
        }
    }

    private void Rename(TableAction.RenameColumn rename)
    {
        foreach (var columns in new[] { retyped, redefaulted, texts, empty })
        {
            if (columns?.Remove(rename.Column) == true)
                columns.Add(rename.Name);
        }

        if (types?.Remove(rename.Column, out var type) == true)
            types[rename.Name] = type;
    }

    /// <summary>Of <c>CHECK (column IS NOT NULL)</c>.</summary>
    private static string? ColumnWithoutNulls(ConstraintDefinition constraint)
    {
        if (constraint is not { Kind: ConstraintKind.Check, Expression: { } condition } || SqlSplitter.Split(condition) is not [var only])
            return null;
        var cursor = new TokenCursor(only.Tokens);
        return cursor.TakeName() is { } column && cursor.Take("is", "not", "null") && cursor.AtEnd ? column : null;
    }
}

/// <summary>A column that the set has dropped, as the live database calls it.</summary>
internal sealed record DroppedColumn(RelationName Table, string Column);
