namespace DbSafety.Analysis.Rules.Style;

/// <summary>A limit on the length of a text, which is part of the column's type.</summary>
internal sealed class PreferText() : StyleColumnRule("prefer-text")
{
    protected override string Remedy => "Use text, with a CHECK constraint where the length has a limit: a constraint can be changed without a change to the column.";

    protected override string? Does(StyleColumn column, string name) =>
        column is { HasLength: true, TypeName: "varchar" or "character varying" or "char varying" } ? $"limits {name} to {column.Type}, and a shorter limit later is a type change that fails on longer values" : null;
}
