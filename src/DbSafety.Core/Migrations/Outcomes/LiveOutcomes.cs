using DbSafety.Analysis;
using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Rules;
using DbSafety.Databases.Connections;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Outcomes;

/// <summary>Checks in the catalog whether PostgreSQL rejects a statement regardless of the rows, or whether the statement changes nothing. Reports nothing if the catalog cannot be read.</summary>
internal sealed class LiveOutcomes(NpgsqlTransaction transaction, IOperationEvents events)
{
    private const string Remedy = "Correct the statement.";

    private readonly NpgsqlConnection connection = transaction.Connection!;
    private (Effect Effect, Outcome? Outcome)? last;

    /// <summary>A statement can have several findings: it is checked once, and its error is reported with the first of them.</summary>
    public async Task<(MigrationFinding Finding, MigrationFinding? Refusal)> JudgeAsync(MigrationFinding finding, CancellationToken ct)
    {
        if (finding.Effect is not { } live)
            return (finding, null);
        var isFirst = last is not { } known || !ReferenceEquals(known.Effect, live.Effect);
        if (isFirst)
            last = (live.Effect, await AskAsync(live, ct));
        return last!.Value.Outcome switch
        {
            { RefusedBecause: not null } refused => (Refused(finding), isFirst ? Refusal(finding, refused) : null),
            // Other destructive statements are counted, and counted again under the lock.
            { NothingBecause: { } nothing } when finding.Severity != FindingSeverity.Destructive || finding.Rule == DropCascade.RuleId => (LiveJudgement.Lowered(finding, finding, nothing) with { Question = null, IfPartitioned = null }, null),
            _ => (finding, null),
        };
    }

    private static MigrationFinding Refusal(MigrationFinding finding, Outcome refused) =>
        (refused.Rule is { } rule ? finding.Beside(rule, FindingSeverity.MayFail, $"PostgreSQL rejects the statement because of the existing rows: {refused.RefusedBecause}", "Move or change these rows first.")
            : finding.Beside(AlwaysFails.RuleId, FindingSeverity.MayFail, $"PostgreSQL rejects the statement, regardless of the rows: {refused.RefusedBecause}", Remedy)) with { WouldFail = true };

    /// <summary>Whether the rows satisfy it does not matter, and the alternative fails too.</summary>
    private static MigrationFinding Refused(MigrationFinding finding) => finding with
    {
        Question = finding.Severity == FindingSeverity.MayFail ? null : finding.Question,
        Remedy = finding.RemedySql is null ? finding.Remedy : Remedy,
        RemedySql = null,
        IfPartitioned = null,
    };

    private async Task<Outcome?> AskAsync(LiveEffect live, CancellationToken ct)
    {
        await transaction.SaveAsync("outcome", ct);
        try
        {
            return await ReadAsync(live, ct) is { } outcome && !(live.ShowsAbsenceAlone && outcome.RefusedBecause is not null) ? outcome : null;
        }
        catch (PostgresException e) when (PgSession.IsOfTheStatement(e))
        {
            ct.ThrowIfCancellationRequested();
            events.Verbose($"could not read what PostgreSQL does with line {live.Statement.Line}: {e.MessageText}");
            return null;
        }
        finally
        {
            await transaction.RollbackAsync("outcome", CancellationToken.None);
        }
    }

    private Task<Outcome?> ReadAsync(LiveEffect live, CancellationToken ct) => live.Effect.Cause switch
    {
        TableAction action => OfTableAsync(live, action, ct),
        Command.CreateTable or Command.CreateIndex or Command.CreateObject => new CreateOutcomes(connection).ReadAsync(live, ct),
        Command.Drop drop => new DropOutcomes(connection).ReadAsync(live, drop, ct),
        ObjectAction action when live.Effect.Object.Kind == ObjectKind.Type => new TypeOutcomes(connection).ReadAsync(live, action, ct),
        _ => Task.FromResult<Outcome?>(null),
    };

    private async Task<Outcome?> OfTableAsync(LiveEffect live, TableAction action, CancellationToken ct)
    {
        if (await CatalogRelation.FindAsync(connection, live.Effect.Table, ct) is not { } relation)
            return live.Effect.Command is Command.AlterTable { IfExists: true } alter ? Outcome.Nothing($"the {ObjectKinds.Words(alter.Kind)} does not exist") : null;
        return action switch
        {
            TableAction.AddConstraint add => await new ConstraintOutcomes(connection).AddAsync(live, relation, add.Constraint, null, ct),
            TableAction.DropConstraint drop => await new ConstraintOutcomes(connection).DropAsync(relation, drop, ct),
            TableAction.RenameConstraint rename => await new ConstraintOutcomes(connection).RenameAsync(relation, rename, ct),
            TableAction.RenameTo or TableAction.SetSchema or TableAction.Rewrite => await new RelationOutcomes(connection).ReadAsync(relation, action, ct),
            TableAction.Inherit or TableAction.AttachPartition or TableAction.DetachPartition => relation.Kind is 'i' or 'I' ? null : await new InheritanceOutcomes(connection).ReadAsync(relation, action, ct),
            _ => await new ColumnOutcomes(connection).ReadAsync(live, relation, action, ct),
        };
    }
}
