using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings.History;

/// <summary>What was there before and the set has moved to a schema, or made depend on it: DROP SCHEMA CASCADE drops it, and the live database does not show it.</summary>
internal sealed class SchemaUses(string defaultSchema)
{
    /// <summary>In place of a schema: one of the search path, where none is written.</summary>
    public const string OfPath = "";

    /// <summary>Of one schema, as many as a message can name.</summary>
    private const int MostNames = 100;

    private readonly Dictionary<string, SortedSet<string>> uses = new(StringComparer.Ordinal);

    private readonly HashSet<RelationName> movedOut = [];

    /// <summary>The tables that were in the schema, by the names of the live database: DROP SCHEMA CASCADE leaves them.</summary>
    public IReadOnlyList<RelationName> MovedOutOf(string schema) => [.. movedOut.Where(t => (t.Schema ?? defaultSchema) == schema)];

    /// <param name="live">As the live database calls the table.</param>
    public void NoteMoved(Effect effect, RelationName live)
    {
        switch (effect.Cause)
        {
            // What was moved out may be there again.
            case Command.Transaction { Word: "rollback" or "rollback to" or "abort" } or Command.DoBlock or Command.Call or Command.ExecuteText:
                movedOut.Clear();
                break;
            case TableAction.SetSchema move when move.Schema == (live.Schema ?? defaultSchema):
                movedOut.Remove(live);
                break;
            case TableAction.SetSchema when movedOut.Count < MostNames:
                movedOut.Add(live);
                break;
        }
    }

    /// <summary>What was moved out may be there again.</summary>
    public void LoseMoved() => movedOut.Clear();

    /// <summary>In words, such as <c>table users</c>.</summary>
    public IReadOnlyCollection<string> Of(string schema) => uses.GetValueOrDefault(schema) ?? [];

    /// <param name="isOfSet">The set created the object.</param>
    /// <param name="isCreated">The set created the table.</param>
    /// <param name="schemaOf">The schema of a type; null if none is written.</param>
    public void Apply(Effect effect, bool isOfSet, Func<RelationName, bool> isCreated, Func<string, string?> schemaOf)
    {
        switch (effect.Cause)
        {
            case TableAction.SetSchema move when !isOfSet:
                Add(move.Schema, effect.Object.Kind, effect.Object.Name);
                break;
            case ObjectAction.RenameTo rename when effect.Object.Kind == ObjectKind.Schema:
                Add(rename.Name, ObjectKind.Schema, effect.Object.Name);
                break;
            case ObjectAction.SetSchema move when !isOfSet:
                Add(move.Schema, effect.Object.Kind, effect.Object.Name);
                break;
            case TableAction.ChangeType change when !isOfSet && schemaOf(change.Type) is { } schema:
                Add(schema, ObjectKind.Column, effect.Table, change.Column);
                break;
            case TableAction.AddColumn { Column: var column } when !isOfSet && schemaOf(column.Type) is { } schema:
                Add(schema, ObjectKind.Column, effect.Table, column.Name);
                break;
            case TableAction.AttachPartition attach when !isCreated(attach.Partition):
                Add(effect.Table.Schema ?? defaultSchema, ObjectKind.Table, attach.Partition);
                break;
            case TableAction.Inherit { Ends: false } inherit when !isOfSet:
                Add(inherit.Parent.Schema ?? defaultSchema, ObjectKind.Table, effect.Table);
                break;
        }
    }

    private void Add(string schema, ObjectKind kind, RelationName name, string? column = null)
    {
        if (!uses.TryGetValue(schema, out var names))
            uses[schema] = names = new SortedSet<string>(StringComparer.Ordinal);
        if (names.Count < MostNames)
            names.Add($"{ObjectKinds.Words(kind)} {name.Display(defaultSchema)}{(column is null ? "" : $".{SqlName.DisplayBehindDot(column)}")}");
    }
}
