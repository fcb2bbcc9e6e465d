using DbSafety.Databases;

namespace DbSafety.Analysis;

/// <summary>A table's name as a statement gives it; no schema means the search path decides.</summary>
internal sealed record RelationName(string? Schema, string Name)
{
    /// <summary>Quoted where it must be, for <c>to_regclass</c> and for SQL.</summary>
    public string Sql => Schema is null ? SqlName.Quote(Name) : SqlName.Quote(Schema, Name);

    /// <summary>As people write it: the schema only where it is not the default one.</summary>
    public string Display(string defaultSchema) =>
        Schema is null || Schema == defaultSchema ? SqlName.Display(Name) : SqlName.Display(Schema, Name);
}
