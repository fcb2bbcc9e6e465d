using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;

namespace DbSafety.Analysis.Rules;

/// <summary>What values can lose when they are converted to a type, as far as the new type alone shows it.</summary>
internal static class LostDetail
{
    /// <param name="isCast">A USING casts the values; else those that are too long make the statement fail.</param>
    /// <returns>What follows "values lose"; null if nothing can be said of the type.</returns>
    public static string? Of(string type, bool isCast)
    {
        var (words, limits) = LengthChange.Parts(type.Trim().ToLowerInvariant());
        var limit = limits is [var first, ..] ? first : (int?)null;
        return words.EndsWith(']') ? null : TypeConversion.TypeName(words).Name switch
        {
            "smallint" or "int2" or "integer" or "int" or "int4" or "bigint" or "int8" or "oid" => "digits after the decimal point",
            "numeric" or "decimal" or "dec" when limit is not null => limits is [_, > 0 and var scale] ? $"digits after the decimal point beyond the first {scale}" : "digits after the decimal point",
            "real" or "float4" => "digits beyond the first 6",
            "double" or "float8" or "float" => "digits beyond the first 15",
            "money" => "fractions of a cent",
            "char" or "character" or "bpchar" or "nchar" => $"trailing spaces{(isCast ? $" and characters beyond the first {limit ?? 1}" : "")}",
            "varchar" when limit is not null && isCast => $"characters beyond the first {limit}",
            "bit" or "varbit" when limit is not null && isCast => $"bits beyond the first {limit}",
            "name" => "bytes beyond the first 63",
            "date" => "the time of day",
            "time" or "timetz" => "the date",
            "timestamp" when !words.Contains("with time zone", StringComparison.Ordinal) => limit is null ? "the time zone" : $"the time zone and digits of the seconds beyond the first {limit}",
            "timestamp" or "timestamptz" when limit is not null => $"digits of the seconds beyond the first {limit}",
            "boolean" or "bool" => "the difference between numbers other than 0",
            "jsonb" => "duplicate keys, the order of keys and white space",
            "cidr" => "address bits to the right of the netmask",
            _ => null,
        };
    }
}
