using System.Globalization;
using DbSafety.Analysis.Findings.Live;

namespace DbSafety.Migrations.TypeChanges;

/// <summary>Builds the SQL for the value that ALTER COLUMN TYPE stores, and for the value that is converted back.</summary>
internal static class ConvertedValue
{
    private const uint BpChar = 1042;

    /// <summary>What precedes the length in a limit of these types.</summary>
    private const int Header = 4;

    /// <summary>
    /// Without USING a value that is longer than the limit is an error; a cast would cut it off. Therefore the functions of these types are called as PostgreSQL calls them.
    /// The elements of an array are only cast.
    /// </summary>
    /// <param name="value">SQL text.</param>
    public static string Assigned(string value, CatalogType type) =>
        Limit(type) is { IsArray: false } limit ? $"pg_catalog.\"{limit.Function}\"(({value})::pg_catalog.\"{limit.Function}\", {limit.Length}, false)" : $"({value})::{type.BaseName}";

    /// <summary>The same, with an error where an element of an array is too long, or the value violates the domain.</summary>
    public static string Tried(string value, CatalogType type)
    {
        var assigned = Limit(type) is { IsArray: true } limit
            ? $"CASE WHEN (SELECT pg_catalog.count(pg_catalog.\"{limit.Function}\"(e, {limit.Length}, false)) FROM pg_catalog.unnest(({value})::pg_catalog.\"{limit.Function}\"[]) AS e) >= 0 THEN {Assigned(value, type)} END"
            : Assigned(value, type);
        return type.IsDomain ? $"({assigned})::{type.Name}" : assigned;
    }

    private static (string Function, string Length, bool IsArray)? Limit(CatalogType type)
    {
        var (name, limits) = LengthChange.Parts(type.BaseName);
        var isArray = name.EndsWith("[]", StringComparison.Ordinal);
        var function = (isArray ? name[..^2] : name) switch { "character varying" => "varchar", "character" => "bpchar", "bit" => "bit", "bit varying" => "varbit", _ => null };
        return function is null || limits is not [var length] ? null : (function, (length + (function is "varchar" or "bpchar" ? Header : 0)).ToString(CultureInfo.InvariantCulture), isArray);
    }

    /// <param name="value">The converted value, of the new type's base.</param>
    /// <param name="hasCast">There is a cast from the new type to the old one.</param>
    public static string Back(string value, CatalogType old, CatalogType type, bool hasCast) =>
        // As the server prints it, without the length of a single address.
        type.BareName == "inet" && old.Category == 'S' ? $"pg_catalog.abbrev({value})::{old.BaseName}"
        // Trailing spaces of char(n) are not significant.
        : hasCast && type.Base != BpChar ? $"({value})::{old.BaseName}" : $"(({value})::pg_catalog.text)::{old.BaseName}";

    /// <summary>Whether a value is different when it is converted back. Numbers may have more or fewer trailing zeros; all other types are compared as text.</summary>
    /// <param name="column">Quoted.</param>
    public static string Differs(string back, string column, CatalogType old) => old.BareName switch
    {
        "numeric" or "numeric[]" or "numrange" or "nummultirange" => $"({back}) IS DISTINCT FROM {column}",
        "real" or "double precision" or "real[]" or "double precision[]" => $"(({back}) IS DISTINCT FROM {column} OR ({back})::pg_catalog.text IS DISTINCT FROM {column}::pg_catalog.text)",
        _ => $"({back})::pg_catalog.text IS DISTINCT FROM {column}::pg_catalog.text",
    };
}
