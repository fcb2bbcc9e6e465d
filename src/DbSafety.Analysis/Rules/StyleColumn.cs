using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>A column that a statement creates, or whose type it changes.</summary>
/// <param name="Type">As written.</param>
/// <param name="Definition">Null if only the type changes.</param>
internal sealed record StyleColumn(RelationName Table, string Name, string Type, ColumnDefinition? Definition)
{
    /// <summary>It is part of a primary key or a foreign key, or is called like one: constraints are often added by later statements.</summary>
    public bool IsKey
    {
        get => field || Name is "id" or "ID" or "Id" || Name.EndsWith("_id", StringComparison.Ordinal) || Name.EndsWith("Id", StringComparison.Ordinal);
        private init;
    }

    /// <summary>The type's name in lower case, without its length, its schema pg_catalog and the brackets of an array.</summary>
    public string TypeName { get; } = NameOf(Type);

    /// <summary>The type has a length or precision.</summary>
    public bool HasLength => Type.Contains('(', StringComparison.Ordinal);

    public static IEnumerable<StyleColumn> Of(IReadOnlyList<Effect> effects)
    {
        foreach (var effect in effects)
        {
            switch (effect.Cause)
            {
                case Command.CreateTable { Kind: ObjectKind.Table } table:
                    foreach (var column in table.Columns.Where(c => c.Type.Length > 0))
                        yield return new StyleColumn(table.Name, column.Name, column.Type, column) { IsKey = IsIn(column.Constraints, column.Name) || IsIn(table.Constraints, column.Name) };
                    break;
                case TableAction.AddColumn { Column: var added } when IsTable(effect) && added.Type.Length > 0:
                    yield return new StyleColumn(effect.Table, added.Name, added.Type, added) { IsKey = IsIn(added.Constraints, added.Name) };
                    break;
                case TableAction.ChangeType change when IsTable(effect):
                    yield return new StyleColumn(effect.Table, change.Column, change.Type, null);
                    break;
            }
        }
    }

    private static bool IsTable(Effect effect) => effect.Command is Command.AlterTable { Kind: ObjectKind.Table };

    private static bool IsIn(IReadOnlyList<ConstraintDefinition> constraints, string column) =>
        constraints.Any(c => c.Kind is ConstraintKind.PrimaryKey or ConstraintKind.ForeignKey && (c.Columns.Count == 0 || c.Columns.Contains(column)));

    /// <summary><c>timestamp (3) without time zone</c> is <c>timestamp without time zone</c>. A quoted name is a type of its own.</summary>
    private static string NameOf(string type)
    {
        if (type.StartsWith('"'))
            return type;
        var name = type.ToLowerInvariant().Replace("pg_catalog.", "", StringComparison.Ordinal);
        var (open, close) = (name.IndexOf('('), name.IndexOf(')'));
        if (open >= 0 && close > open)
            name = name[..open] + name[(close + 1)..];
        if (name.IndexOf('[') is var bracket and >= 0)
            name = name[..bracket];
        return string.Join(' ', name.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}
