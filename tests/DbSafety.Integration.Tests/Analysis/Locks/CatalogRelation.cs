namespace DbSafety.Integration.Tests.Analysis.Locks;

/// <summary>A row of pg_class.</summary>
/// <param name="Kind">As <c>pg_class.relkind</c> has it.</param>
/// <param name="File">Another one after a statement that wrote all of it anew.</param>
/// <param name="Table">Of an index; null for others.</param>
internal sealed record CatalogRelation(uint Oid, string Schema, string Name, char Kind, uint File, uint? Table)
{
    /// <summary>Rows are stored in it.</summary>
    public bool HasRows => Kind is 'r' or 'm';

    public bool IsIndex => Kind is 'i' or 'I';

    public override string ToString() => Schema == "public" ? Name : $"{Schema}.{Name}";
}
