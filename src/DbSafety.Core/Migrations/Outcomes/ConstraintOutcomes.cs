using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Outcomes;

/// <summary>What PostgreSQL does with constraints: names that are already used, second primary keys, inherited constraints, and restrictions of partitioned tables and ONLY.</summary>
internal sealed class ConstraintOutcomes(NpgsqlConnection connection)
{
    /// <summary>Foreign keys NOT VALID, and exclusion constraints, of partitioned tables.</summary>
    private const int ForeignKeysNotValid = 18, Exclusions = 17;

    private int Major => connection.PostgreSqlVersion.Major;

    /// <param name="column">The column with which it is added; null for ADD CONSTRAINT.</param>
    public async Task<Outcome?> AddAsync(LiveEffect live, CatalogRelation relation, ConstraintDefinition constraint, ColumnDefinition? column, CancellationToken ct)
    {
        if (!relation.IsTable)
            return null;
        if (constraint.Name is { } name && await NameTakenAsync(relation, constraint, name, ct) is { } taken)
            return taken;
        var isKey = constraint.Kind is ConstraintKind.PrimaryKey or ConstraintKind.Unique or ConstraintKind.Exclude;
        if (relation.Kind == 'f' && (isKey || constraint.Kind == ConstraintKind.ForeignKey))
            return Outcome.Refused($"{Words(constraint.Kind)} constraints are not supported on foreign tables");
        if (constraint.Kind == ConstraintKind.PrimaryKey && !await IsCountedAsync(relation, constraint, column, ct) && await HasPrimaryKeyAsync(relation, ct))
            return Outcome.Refused($"multiple primary keys for table {relation.Quoted} are not allowed");
        if (relation.Kind == 'p' && Partitioned(live, constraint) is { } refused)
            return refused;
        if (constraint.Kind == ConstraintKind.Check && live.IsOnly && relation.HasChildren && !live.Statement.Contains("inherit"))
            return Outcome.Refused("constraint must be added to child tables too");
        if (isKey && column is not null && await LiveIndexes.RefusedAsync(connection, relation.Table, new LiveKey([column.Name], IsPrimary: false), ct) is { } because)
            return Outcome.Refused($"unique constraint on partitioned table cannot be added, {because}");
        return constraint.Kind == ConstraintKind.ForeignKey ? await new ForeignKeyOutcomes(connection).ReadAsync(relation.Persistence, constraint, c => TypeAsync(relation, c, column, ct), ct) : null;
    }

    public async Task<Outcome?> DropAsync(CatalogRelation relation, TableAction.DropConstraint drop, CancellationToken ct)
    {
        var found = await connection.ListAsync("SELECT coninhcount > 0 FROM pg_catalog.pg_constraint WHERE conrelid = $1::oid AND conname = $2", r => r.GetBoolean(0), ct, (long)relation.Oid, drop.Name);
        return found.Count == 0 ? (drop.IfExists ? Outcome.Nothing("the constraint does not exist") : null)
            : Outcome.RefusedIf(found.Exists(inherited => inherited), $"cannot drop inherited constraint {SqlName.Quote(drop.Name)} of relation {relation.Quoted}");
    }

    public async Task<Outcome?> RenameAsync(CatalogRelation relation, TableAction.RenameConstraint rename, CancellationToken ct)
    {
        var found = await connection.ListAsync("SELECT coninhcount > 0, contype FROM pg_catalog.pg_constraint WHERE conrelid = $1::oid AND conname = $2", r => (IsInherited: r.GetBoolean(0), Kind: r.GetChar(1)), ct, (long)relation.Oid, rename.Constraint);
        if (found is not [var one])
            return null;
        if (one.IsInherited && one.Kind == 'c')
            return Outcome.Refused($"cannot rename inherited constraint {SqlName.Quote(rename.Constraint)}");
        var kind = one.Kind switch { 'p' => ConstraintKind.PrimaryKey, 'u' => ConstraintKind.Unique, 'x' => ConstraintKind.Exclude, _ => ConstraintKind.Check };
        return await NameTakenAsync(relation, new ConstraintDefinition(kind, rename.Name, ""), rename.Name, ct);
    }

    /// <summary>The index of a key has the name of its constraint, and shares its names with tables.</summary>
    private async Task<Outcome?> NameTakenAsync(CatalogRelation relation, ConstraintDefinition constraint, string name, CancellationToken ct)
    {
        if (await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE conrelid = $1::oid AND conname = $2)", ct, (long)relation.Oid, name))
            return Outcome.Refused($"constraint {SqlName.Quote(name)} for relation {relation.Quoted} already exists");
        return constraint.Kind is ConstraintKind.PrimaryKey or ConstraintKind.Unique or ConstraintKind.Exclude && constraint.UsingIndex != name
            && await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_class t ON t.oid = $1::oid AND t.relnamespace = c.relnamespace WHERE c.relname = $2)", ct, (long)relation.Oid, name)
            ? Outcome.Refused($"relation {SqlName.Quote(name)} already exists") : null;
    }

    /// <summary>If the live database has all its columns, its rows are counted, and then its existence is known.</summary>
    private async Task<bool> IsCountedAsync(CatalogRelation relation, ConstraintDefinition constraint, ColumnDefinition? column, CancellationToken ct)
    {
        if (column is not null || constraint.UsingIndex is not null)
            return false;
        foreach (var name in constraint.Columns)
        {
            if (await CatalogColumn.FindAsync(connection, relation, name, ct) is null)
                return false;
        }

        return true;
    }

    private Task<bool> HasPrimaryKeyAsync(CatalogRelation relation, CancellationToken ct) =>
        connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE conrelid = $1::oid AND contype = 'p')", ct, (long)relation.Oid);

    private Outcome? Partitioned(LiveEffect live, ConstraintDefinition constraint) =>
        constraint.UsingIndex is not null ? Outcome.Refused("ALTER TABLE / ADD CONSTRAINT USING INDEX is not supported on partitioned tables")
        : constraint.Kind == ConstraintKind.Exclude && Major < Exclusions ? Outcome.Refused("exclusion constraints are not supported on partitioned tables")
        : constraint.Kind != ConstraintKind.ForeignKey ? null
        : live.IsOnly ? Outcome.Refused("cannot use ONLY for foreign key on partitioned table")
        : Outcome.RefusedIf(constraint.IsNotValid && Major < ForeignKeysNotValid, "cannot add NOT VALID foreign key on partitioned table");

    private async Task<string?> TypeAsync(CatalogRelation relation, string name, ColumnDefinition? added, CancellationToken ct) =>
        added?.Name == name ? added.Type : (await CatalogColumn.FindAsync(connection, relation, name, ct))?.Type;

    private static string Words(ConstraintKind kind) => kind switch
    {
        ConstraintKind.PrimaryKey => "primary key",
        ConstraintKind.Unique => "unique",
        ConstraintKind.Exclude => "exclusion",
        _ => "foreign key",
    };
}
