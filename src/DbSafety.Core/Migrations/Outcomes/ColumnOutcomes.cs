using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Outcomes;

/// <summary>What PostgreSQL does with columns: errors because of partitions, inheritance, partition keys, identity and generated columns, and names.</summary>
internal sealed class ColumnOutcomes(NpgsqlConnection connection)
{
    public Task<Outcome?> ReadAsync(LiveEffect live, CatalogRelation relation, TableAction action, CancellationToken ct) => action switch
    {
        TableAction.AddColumn add when relation.IsTable => AddAsync(live, relation, add, ct),
        TableAction.DropColumn drop when relation.IsTable => DropAsync(live, relation, drop, ct),
        TableAction.RenameColumn rename => RenameAsync(live, relation, rename, ct),
        TableAction.SetDefault set when relation.IsTable => SetDefaultAsync(relation, set, ct),
        TableAction.DropDefault drop when relation.IsTable => DropDefaultAsync(live, relation, drop, ct),
        TableAction.DropNotNull drop => DropNotNullAsync(relation, drop, ct),
        TableAction.ChangeType change => ChangeTypeAsync(live, relation, change, ct),
        TableAction.Other { Identity: { } column } => AddIdentityAsync(relation, column, ct),
        _ => Task.FromResult<Outcome?>(null),
    };

    private Task<CatalogColumn?> FindAsync(CatalogRelation relation, string column, CancellationToken ct) => CatalogColumn.FindAsync(connection, relation, column, ct);

    private async Task<Outcome?> AddAsync(LiveEffect live, CatalogRelation relation, TableAction.AddColumn add, CancellationToken ct)
    {
        var (column, name) = (add.Column, SqlName.Quote(add.Column.Name));
        if (relation.IsPartition)
            return Outcome.Refused("cannot add column to a partition");
        if (relation.IsTyped)
            return Outcome.Refused("cannot add column to typed table");
        if (await FindAsync(relation, column.Name, ct) is { } there)
        {
            return there.IsSystem ? Outcome.Refused($"column name {name} conflicts with a system column name")
                : add.IfNotExists ? Outcome.Nothing("the column already exists")
                : Outcome.Refused($"column {name} of relation {relation.Quoted} already exists");
        }

        if (live.IsOnly && relation.HasChildren)
            return Outcome.Refused("column must be added to child tables too");
        foreach (var constraint in column.Constraints)
        {
            if (await new ConstraintOutcomes(connection).AddAsync(live, relation, constraint, column, ct) is { } refused)
                return refused;
        }

        if (column.Default is { } value)
            return await new DefaultOutcomes(connection).ReadAsync(column.Name, value, column.Type, ct);
        return !column.FillsItself && live.IsRowsCertain && await DomainWithoutNullAsync(column.Type, ct) is { } domain && await connection.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM {relation.Sql})", ct)
            ? Outcome.RefusedByRows(AddRequiredColumn.RuleId, $"domain {domain} does not allow null values, and the new column would contain null values") : null;
    }

    /// <summary>A NOT NULL domain without a default.</summary>
    private Task<string?> DomainWithoutNullAsync(string type, CancellationToken ct) => connection.ScalarAsync<string>(
        """
        WITH RECURSIVE bases(oid) AS (SELECT pg_catalog.to_regtype($1)::oid UNION SELECT t.typbasetype FROM bases b JOIN pg_catalog.pg_type t ON t.oid = b.oid WHERE t.typtype = 'd')
        SELECT d.typname::text FROM pg_catalog.pg_type d WHERE d.oid = pg_catalog.to_regtype($1) AND d.typtype = 'd' AND d.typdefault IS NULL AND EXISTS (SELECT FROM bases b JOIN pg_catalog.pg_type t ON t.oid = b.oid WHERE t.typnotnull)
        """, ct, type);

    private async Task<Outcome?> DropAsync(LiveEffect live, CatalogRelation relation, TableAction.DropColumn drop, CancellationToken ct)
    {
        if (await FindAsync(relation, drop.Column, ct) is not { } column)
            return null;
        var name = SqlName.Quote(drop.Column);
        return column.IsSystem ? Outcome.Refused($"cannot drop system column {name}")
            : relation.IsTyped ? Outcome.Refused("cannot drop column from typed table")
            : column.IsInherited ? Outcome.Refused($"cannot drop inherited column {name}")
            : column.IsPartitionKey ? Outcome.Refused($"cannot drop column {name} because it is part of the partition key of relation {relation.Quoted}")
            : Outcome.RefusedIf(live.IsOnly && relation is { Kind: 'p', HasChildren: true }, "cannot drop column from only the partitioned table when partitions exist");
    }

    private async Task<Outcome?> RenameAsync(LiveEffect live, CatalogRelation relation, TableAction.RenameColumn rename, CancellationToken ct)
    {
        if (await FindAsync(relation, rename.Column, ct) is not { } column)
            return null;
        var name = SqlName.Quote(rename.Column);
        if (relation.IsTyped)
            return Outcome.Refused("cannot rename column of typed table");
        if (column.IsInherited)
            return Outcome.Refused($"cannot rename inherited column {name}");
        if (live.IsOnly && relation.HasChildren)
            return Outcome.Refused($"inherited column {name} must be renamed in child tables too");
        return await FindAsync(relation, rename.Name, ct) is { } taken
            ? Outcome.Refused(taken.IsSystem ? $"column name {SqlName.Quote(rename.Name)} conflicts with a system column name" : $"column {SqlName.Quote(rename.Name)} of relation {relation.Quoted} already exists") : null;
    }

    private async Task<Outcome?> SetDefaultAsync(CatalogRelation relation, TableAction.SetDefault set, CancellationToken ct) =>
        await FindAsync(relation, set.Column, ct) is not { IsSystem: false } column ? null
        : OfKind(relation, set.Column, column) ?? await new DefaultOutcomes(connection).ReadAsync(set.Column, set.Expression, column.Type, ct);

    private static Outcome? OfKind(CatalogRelation relation, string name, CatalogColumn column) =>
        column.IsIdentity ? Outcome.Refused($"column {SqlName.Quote(name)} of relation {relation.Quoted} is an identity column")
        : Outcome.RefusedIf(column.IsGenerated, $"column {SqlName.Quote(name)} of relation {relation.Quoted} is a generated column");

    private async Task<Outcome?> DropDefaultAsync(LiveEffect live, CatalogRelation relation, TableAction.DropDefault drop, CancellationToken ct)
    {
        if (await FindAsync(relation, drop.Column, ct) is not { IsSystem: false } column)
            return null;
        var name = SqlName.Quote(drop.Column);
        switch (drop.What)
        {
            case "identity" when !column.IsIdentity:
                return live.Statement.Contains("exists") ? Outcome.Nothing("it is not an identity column") : Outcome.Refused($"column {name} of relation {relation.Quoted} is not an identity column");
            case "expression" when !column.IsGenerated:
                return live.Statement.Contains("exists") ? Outcome.Nothing("it is not a generated column") : Outcome.Refused($"column {name} of relation {relation.Quoted} is not a generated column");
            case "expression" when column.IsInherited:
                return Outcome.Refused("cannot drop generation expression from inherited column");
            case "expression" when live.IsOnly && relation.HasChildren:
                return Outcome.Refused("ALTER TABLE / DROP EXPRESSION must be applied to child tables too");
            case "default" when OfKind(relation, drop.Column, column) is { } refused:
                return refused;
            // DEFAULT NULL would override a domain's default; children have their own defaults.
            case "default" when column is { HasDefault: false, HasTypeDefault: false } && (live.IsOnly || !relation.HasChildren):
                return Outcome.Nothing("it has no default");
            default:
                return null;
        }
    }

    private async Task<Outcome?> DropNotNullAsync(CatalogRelation relation, TableAction.DropNotNull drop, CancellationToken ct)
    {
        if (await FindAsync(relation, drop.Column, ct) is not { IsSystem: false } column)
            return null;
        var name = SqlName.Quote(drop.Column);
        if (!column.IsNotNull)
            return relation.HasChildren ? null : Outcome.Nothing("it is already nullable");
        return column.IsIdentity ? Outcome.Refused($"column {name} of relation {relation.Quoted} is an identity column")
            : column.IsInPrimaryKey ? Outcome.Refused($"column {name} is in a primary key")
            : Outcome.RefusedIf(relation.IsPartition && column.IsNotNullAbove, $"column {name} is marked NOT NULL in parent table");
    }

    private async Task<Outcome?> ChangeTypeAsync(LiveEffect live, CatalogRelation relation, TableAction.ChangeType change, CancellationToken ct)
    {
        if (await FindAsync(relation, change.Column, ct) is not { } column)
            return null;
        var name = SqlName.Quote(change.Column);
        return column.IsSystem ? Outcome.Refused($"cannot alter system column {name}")
            : relation.IsTyped ? Outcome.Refused("cannot alter column type of typed table")
            : Outcome.RefusedIf(live.IsOnly && relation.HasChildren, $"type of inherited column {name} must be changed in child tables too");
    }

    private async Task<Outcome?> AddIdentityAsync(CatalogRelation relation, string name, CancellationToken ct)
    {
        if (!relation.IsTable || await FindAsync(relation, name, ct) is not { IsSystem: false } column)
            return null;
        var words = $"column {SqlName.Quote(name)} of relation {relation.Quoted}";
        return column.IsIdentity ? Outcome.Refused($"{words} is already an identity column")
            : column.HasDefault ? Outcome.Refused($"{words} already has a default value")
            : !column.IsNotNull ? Outcome.Refused($"{words} must be declared NOT NULL before identity can be added")
            : Outcome.RefusedIf(column.Type is not ("smallint" or "integer" or "bigint"), "identity column type must be smallint, integer, or bigint");
    }
}
