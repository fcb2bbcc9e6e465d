namespace DbSafety.Analysis.Rules.Style;

/// <summary>json has no equality operator: SELECT DISTINCT, GROUP BY and UNION fail on it.</summary>
internal sealed class PreferJsonb() : StyleColumnRule("prefer-jsonb")
{
    protected override string Remedy => "Use jsonb, unless the exact text of the documents matters.";

    protected override string? Does(StyleColumn column, string name) =>
        column.TypeName == "json" ? $"stores {name} as json, which has no equality operator: SELECT DISTINCT, GROUP BY and UNION fail on it" : null;
}
