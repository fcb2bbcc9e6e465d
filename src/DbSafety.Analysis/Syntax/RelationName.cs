namespace DbSafety.Analysis.Syntax;

/// <summary>A name as a statement gives it, of a table or of something else; no schema means the search path decides.</summary>
internal sealed record RelationName(string? Schema, string Name)
{
    /// <summary><see cref="Name"/> is to be shown as it is: it is text that stands for a name, or quoted already.</summary>
    public bool IsDisplayed { get; init; }

    /// <summary>Quoted where it must be, for <c>to_regclass</c> and for SQL.</summary>
    public string Sql => Schema is null ? SqlName.Quote(Name) : SqlName.Quote(Schema, Name);

    /// <summary>As people write it: the schema only where it is not the default one.</summary>
    public string Display(string defaultSchema)
    {
        var name = IsDisplayed ? Name : SqlName.Display(Name);
        return Schema is null || Schema == defaultSchema ? name : SqlName.Display(Schema) + "." + name;
    }
}
