using DbSafety.Analysis.Syntax;
using Npgsql;

namespace DbSafety.Migrations.TypeChanges;

/// <summary>A table in the catalog of one database.</summary>
internal sealed record LiveTable(uint Oid, string Schema, string Name, char Kind)
{
    public string Sql => SqlName.Quote(Schema, Name);

    /// <summary>Whether rows are stored in it: a partitioned table only has partitions.</summary>
    public bool HasRows => Kind is 'r' or 'm';

    public string Display(string defaultSchema) => new RelationName(Schema, Name).Display(defaultSchema);
}
