namespace DbSafety.Analysis.Rules.Style;

/// <summary>char(n) fills values up with spaces, which comparisons then ignore.</summary>
internal sealed class AvoidChar() : StyleColumnRule("avoid-char")
{
    protected override string Remedy => "Use text, with a CHECK constraint where the length has to be exact.";

    protected override string? Does(StyleColumn column, string name) =>
        column.TypeName is "char" or "character" or "bpchar" or "nchar" or "national character" or "national char"
            ? $"stores {name} as {column.Type}, which pads values with spaces and ignores trailing spaces in comparisons" : null;
}
