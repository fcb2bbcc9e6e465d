using DbSafety.Analysis;
using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Commands.Parsing;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Outcomes;

/// <summary>What PostgreSQL does with CREATE: the name is already used, or the named table cannot have such an object.</summary>
internal sealed class CreateOutcomes(NpgsqlConnection connection)
{
    public async Task<Outcome?> ReadAsync(LiveEffect live, CancellationToken ct) => live.Effect.Cause switch
    {
        Command.CreateTable { IsTemporary: false } made => await TableAsync(live, made, ct),
        Command.CreateIndex index => await IndexAsync(index, ct),
        Command.CreateObject { Kind: ObjectKind.View, Replaces: true, IsTemporary: false } made => await new ViewOutcomes(connection).ReadAsync(live, made.Name, ct),
        Command.CreateObject { Replaces: false, IsTemporary: false } made => await ObjectAsync(live, made, ct),
        _ => null,
    };

    private async Task<Outcome?> TakenAsync(string? schema, string name, bool hasType, bool ifNotExists, CancellationToken ct) =>
        await new RelationOutcomes(connection).NameTakenAsync(schema, name, hasType, ct) is not { RefusedBecause: { } because } taken ? null
        : !ifNotExists ? taken : because.StartsWith("relation", StringComparison.Ordinal) ? Outcome.Nothing("a relation of that name already exists") : taken;

    private async Task<Outcome?> TableAsync(LiveEffect live, Command.CreateTable made, CancellationToken ct)
    {
        // With IF NOT EXISTS the existing table is reported by another finding: later statements act on it.
        if (await TakenAsync(made.Name.Schema, made.Name.Name, hasType: true, made.IfNotExists, ct) is { } taken)
            return taken.RefusedBecause is null ? null : taken;
        if (made.Parent is { } parent)
            return await PartitionAsync(live, made, parent, ct);
        if (made.IfNotExists)
            return null;
        var persistence = live.Statement.StartsWith("create", "unlogged") ? 'u' : 'p';
        foreach (var constraint in made.Constraints.Concat(made.Columns.SelectMany(c => c.Constraints)).Where(c => c.Kind == ConstraintKind.ForeignKey && c.Referenced != made.Name))
        {
            if (await new ForeignKeyOutcomes(connection).ReadAsync(persistence, constraint, c => Task.FromResult(made.Columns.FirstOrDefault(o => o.Name == c)?.Type), ct) is { } refused)
                return refused;
        }

        foreach (var column in made.Columns.Where(c => c.Default is not null))
        {
            if (await new DefaultOutcomes(connection).ReadAsync(column.Name, column.Default!, column.Type, ct) is { } refused)
                return refused;
        }

        return null;
    }

    /// <summary>Its rows belong to no other partition, so the default partition must not have any of them.</summary>
    private async Task<Outcome?> PartitionAsync(LiveEffect live, Command.CreateTable made, RelationName name, CancellationToken ct)
    {
        if (await CatalogRelation.FindAsync(connection, name, ct) is not { IsTable: true } parent)
            return null;
        if (parent.Kind != 'p')
            return Outcome.Refused($"table {parent.Quoted} is not partitioned");
        if (made.Bounds is not { } bounds)
            return null;
        if (await new PartitionOverlap(connection).ReadAsync(parent, made.Name.Name, bounds, ct) is { } overlap)
            return overlap;
        return live.IsRowsCertain
            && await LivePartitions.OutsideAsync(connection, parent.Table, new LiveQuestion(LiveFactKind.Bounds, name) { Parent = name, Condition = bounds }, ct) is { Count: { } count and > 0 }
            ? Outcome.RefusedByRows(AttachPartition.RuleId, $"updated partition constraint for default partition of {parent.Quoted} would be violated by {LiveJudgement.Number(count, "row")}") : null;
    }

    private async Task<Outcome?> IndexAsync(Command.CreateIndex index, CancellationToken ct)
    {
        if (await CatalogRelation.FindAsync(connection, index.Table, ct) is not { } table)
            return null;
        if (table.Kind is not ('r' or 'p' or 'm'))
            return Outcome.Refused($"cannot create index on relation {table.Quoted}");
        if (table.Kind == 'p' && index.IsConcurrent)
            return Outcome.Refused($"cannot create index on partitioned table {table.Quoted} concurrently");
        return index.Name is { } name ? await TakenAsync(table.Schema, name, hasType: false, index.IfNotExists, ct) : null;
    }

    private async Task<Outcome?> ObjectAsync(LiveEffect live, Command.CreateObject made, CancellationToken ct)
    {
        var (words, name) = (ObjectKinds.Words(made.Kind), SqlName.Quote(made.Name.Name));
        switch (made.Kind)
        {
            case ObjectKind.View or ObjectKind.MaterializedView or ObjectKind.Sequence:
                return await TakenAsync(made.Name.Schema, made.Name.Name, hasType: true, made.IfNotExists, ct);
            case ObjectKind.Function or ObjectKind.Procedure:
                return await new RoutineOutcomes(connection).ReadAsync(live, made, ct);
            case ObjectKind.Trigger or ObjectKind.Policy or ObjectKind.Rule when made.On is { } on:
                return await ObjectCatalog.IsPartAsync(connection, made.Kind, on, made.Name.Name, ct) == true ? Outcome.Refused($"{words} {name} for relation {SqlName.Quote(on.Name)} already exists") : null;
            // Other objects of the same name have other arguments, or are of another kind.
            case ObjectKind.Aggregate or ObjectKind.TextSearch:
                return null;
            default:
                if (await ObjectCatalog.IsThereAsync(connection, made.Kind, made.Name.Schema is null && ObjectNames.IsInSchema(made.Kind) ? new RelationName(await connection.ScalarAsync<string>("SELECT pg_catalog.current_schema()::text", ct), made.Name.Name) : made.Name, ct) != true)
                    return null;
                return made.IfNotExists ? Outcome.Nothing($"a {words} of that name already exists") : Outcome.Refused($"{words} {name} already exists");
        }
    }
}
