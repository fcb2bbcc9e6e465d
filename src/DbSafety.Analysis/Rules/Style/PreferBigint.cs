namespace DbSafety.Analysis.Rules.Style;

/// <summary>A key of a type that runs out of numbers, and whose change of type rewrites the table.</summary>
internal sealed class PreferBigint() : StyleColumnRule("prefer-bigint")
{
    protected override string Remedy => "Use bigint: a later change of the type rewrites the table under an ACCESS EXCLUSIVE lock.";

    protected override string? Does(StyleColumn column, string name)
    {
        var limit = column.TypeName switch
        {
            "int" or "integer" or "int4" or "serial" or "serial4" => "2,147,483,647",
            "smallint" or "int2" or "smallserial" or "serial2" => "32,767",
            _ => null,
        };
        var isKey = column.IsKey || column.Definition is { IsIdentity: true } or { IsSerial: true };
        return limit is not null && isKey && !column.Type.Contains('[', StringComparison.Ordinal) ? $"creates key {name} with type {column.Type}, whose largest value is {limit}" : null;
    }
}
