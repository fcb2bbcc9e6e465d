namespace DbSafety.Analysis.Rules.Style;

/// <summary>A timestamp that does not say in which time zone it is.</summary>
internal sealed class PreferTimestamptz() : StyleColumnRule("prefer-timestamptz")
{
    protected override string Remedy => "Use timestamptz (timestamp with time zone).";

    protected override string? Does(StyleColumn column, string name) =>
        column.TypeName is "timestamp" or "timestamp without time zone" ? $"stores {name} as {column.Type}, without a time zone: sessions in other time zones read another point in time" : null;
}
