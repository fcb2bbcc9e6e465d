using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Outcomes;

/// <summary>What PostgreSQL requires of a table that inherits from another table or becomes a partition: columns of the same types, and the parent's constraints.</summary>
internal sealed class InheritanceOutcomes(NpgsqlConnection connection)
{
    private const string ColumnsSql =
        """
        SELECT p.attname::text, c.attname IS NULL, c.atttypid IS DISTINCT FROM p.atttypid OR c.atttypmod IS DISTINCT FROM p.atttypmod, p.attnotnull AND NOT coalesce(c.attnotnull, false), (p.attgenerated <> '') <> (coalesce(c.attgenerated, '') <> '')
        FROM pg_catalog.pg_attribute p LEFT JOIN pg_catalog.pg_attribute c ON c.attrelid = $1::oid AND c.attname = p.attname AND c.attnum > 0 AND NOT c.attisdropped
        WHERE p.attrelid = $2::oid AND p.attnum > 0 AND NOT p.attisdropped ORDER BY p.attnum
        """;

    public async Task<Outcome?> ReadAsync(CatalogRelation relation, TableAction action, CancellationToken ct)
    {
        var other = action switch { TableAction.Inherit inherit => inherit.Parent, TableAction.AttachPartition attach => attach.Partition, TableAction.DetachPartition detach => detach.Partition, _ => null };
        if (other is null || await CatalogRelation.FindAsync(connection, other, ct) is not { } found)
            return null;
        var (child, parent) = action is TableAction.Inherit ? (relation, found) : (found, relation);
        var isChild = await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhrelid = $1::oid AND inhparent = $2::oid)", ct, (long)child.Oid, (long)parent.Oid);
        return action switch
        {
            TableAction.DetachPartition => Outcome.RefusedIf(!isChild, $"relation {child.Quoted} is not a partition of relation {parent.Quoted}"),
            TableAction.Inherit { Ends: true } => child.IsPartition ? Outcome.Refused("cannot change inheritance of a partition") : Outcome.RefusedIf(!isChild, $"relation {parent.Quoted} is not a parent of relation {child.Quoted}"),
            TableAction.Inherit => OfInherit(child, parent, isChild) ?? await FitAsync(child, parent, ct),
            _ => OfAttach(child, parent) ?? await FitAsync(child, parent, ct) ?? await ExtraAsync(child, parent, ct)
                ?? (action is TableAction.AttachPartition { Bounds: { Length: > 0 } bounds } ? await new PartitionOverlap(connection).ReadAsync(parent, child.Name, bounds, ct) : null),
        };
    }

    private static Outcome? OfInherit(CatalogRelation child, CatalogRelation parent, bool isChild) =>
        child.IsPartition ? Outcome.Refused("cannot change inheritance of a partition")
        : child.Kind == 'p' ? Outcome.Refused("cannot change inheritance of partitioned table")
        : parent.Kind == 'p' ? Outcome.Refused($"cannot inherit from partitioned table {parent.Quoted}")
        : parent.IsPartition ? Outcome.Refused("cannot inherit from a partition")
        : parent.Oid == child.Oid ? Outcome.Refused("circular inheritance not allowed")
        : Outcome.RefusedIf(isChild, $"relation {parent.Quoted} would be inherited from more than once");

    private static Outcome? OfAttach(CatalogRelation child, CatalogRelation parent) =>
        parent.Kind != 'p' ? Outcome.Refused($"table {parent.Quoted} is not partitioned")
        : child.IsPartition ? Outcome.Refused($"{child.Quoted} is already a partition")
        : child.IsTyped ? Outcome.Refused("cannot attach a typed table as partition")
        : child.IsChild ? Outcome.Refused("cannot attach inheritance child as partition")
        : Outcome.RefusedIf(child.Kind != 'p' && child.HasChildren, "cannot attach inheritance parent as partition");

    private async Task<Outcome?> FitAsync(CatalogRelation child, CatalogRelation parent, CancellationToken ct)
    {
        foreach (var (name, isMissing, hasOtherType, mayBeNull, isGenerated) in await connection.ListAsync(ColumnsSql, r => (r.GetString(0), r.GetBoolean(1), r.GetBoolean(2), r.GetBoolean(3), r.GetBoolean(4)), ct, (long)child.Oid, (long)parent.Oid))
        {
            var column = SqlName.Quote(name);
            if (isMissing)
                return Outcome.Refused($"child table is missing column {column}");
            if (hasOtherType)
                return Outcome.Refused($"child table {child.Quoted} has different type for column {column}");
            if (mayBeNull)
                return Outcome.Refused($"column {column} in child table must be marked NOT NULL");
            if (isGenerated)
                return Outcome.Refused($"column {column} in child table must be a generated column if it is one in the parent table, and only then");
        }

        return await connection.ScalarAsync<string>(
            """
            SELECT p.conname::text FROM pg_catalog.pg_constraint p WHERE p.conrelid = $2::oid AND p.contype = 'c' AND NOT p.connoinherit
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE c.conrelid = $1::oid AND c.contype = 'c' AND c.conname = p.conname) ORDER BY 1 LIMIT 1
            """, ct, (long)child.Oid, (long)parent.Oid) is { } missing ? Outcome.Refused($"child table is missing constraint {SqlName.Quote(missing)}") : null;
    }

    private async Task<Outcome?> ExtraAsync(CatalogRelation child, CatalogRelation parent, CancellationToken ct) =>
        await connection.ScalarAsync<string>(
            """
            SELECT c.attname::text FROM pg_catalog.pg_attribute c WHERE c.attrelid = $1::oid AND c.attnum > 0 AND NOT c.attisdropped
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute p WHERE p.attrelid = $2::oid AND p.attname = c.attname AND p.attnum > 0 AND NOT p.attisdropped) ORDER BY c.attnum LIMIT 1
            """, ct, (long)child.Oid, (long)parent.Oid) is { } extra ? Outcome.Refused($"table {child.Quoted} contains column {SqlName.Quote(extra)} not found in parent {parent.Quoted}") : null;
}
