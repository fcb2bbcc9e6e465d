using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Commands.Parsing;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Raised;
using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis;

/// <summary>Creates findings from verdicts: severity, message, remedy, and the questions to the live database.</summary>
internal sealed class FindingBuilder(RoutineHistory routines, RaisedHistory raised)
{
    /// <summary>Which table the name means is known at run time only.</summary>
    public static bool IsNameUnknown(Effect effect, StatementContext context) =>
        effect.Cause is RowChange { Kind: not RowChangeKind.Insert } && (context.IsPathUnknown || context.Script.SearchPath.IsUnknown) && (context.Written ?? effect.Table).Schema is null;

    public MigrationFinding Build(IAnalysisRule rule, Verdict verdict, SqlScript script, Effect effect, StatementContext context, string? reason)
    {
        var harmless = reason ?? (context.IsUndo ? "the script undoes a migration, and a migration does not run it" : IsRolledBack(rule, effect, context) ? $"its transaction is rolled back in line {context.RolledBackIn}"
            : rule.Severity is FindingSeverity.Destructive or FindingSeverity.Breaking ? context.IsOwn(effect) : null);
        var functions = LiveTriggerFunctions(effect);
        var locks = harmless is null && rule.NamesLocks ? LockClaim.Of(effect, context) : null;
        if (locks is not null)
            context.Script.LocksSaid.Add(locks.Words);
        return new MigrationFinding
        {
            Rule = rule.Id,
            Severity = harmless is not null ? FindingSeverity.Info : rule.Severity > FindingSeverity.Info && IsNameUnknown(effect, context) ? FindingSeverity.Destructive : rule.Severity,
            File = script.File,
            Line = context.Statement.Line,
            Statement = context.Statement.Ordinal,
            Object = verdict.Object,
            Message = harmless is not null ? $"{verdict.Does}: {harmless}" : locks is null ? verdict.Says : $"{locks.Words}; {verdict.Says}",
            Plain = verdict.Does,
            Locks = locks,
            // A colon announces the SQL.
            Remedy = verdict.SafeSql is not null ? $"{verdict.Remedy}\n{verdict.SafeSql}" : verdict.Remedy.EndsWith(':') ? $"{verdict.Remedy[..^1]}." : verdict.Remedy,
            RemedySql = verdict.SafeSql,
            InBody = context.InBody,
            // What is reported last, or at the end, is about more than this effect.
            Effect = rule is not LateRule && !rule.SpeaksLast && !script.IsBegun ? LiveEffect.Of(effect, context) : null,
            IfPartitioned = harmless is null ? verdict.IfPartitioned : null,
            WouldFail = verdict.Fails && harmless is null,
            // Of a condition that is not all there the answer would be another.
            Question = harmless is not null ? null : context.Statement.IsAbridged ? RowQuestion.OfAll(verdict.Question) : RowQuestion.With(verdict.Question, functions, !functions.Any(routines.IsRenamed)),
            MayBeMissing = MayBeMissing(effect, context),
            IfThere = harmless is null && !context.InBody && !context.Script.SearchPath.IsTouched && IfThere(effect) is { } optional && IsAbsenceCertain(effect, context.History) ? context.History.Live(optional) : null,
            // PREPARE: it runs later.
            WrittenBefore = context.Statement.StartsWith("prepare") ? context.History.Written.Lost() : context.History.Written,
            Updates = harmless is null && rule is UpdateRows or UpdateWithoutWhere && effect.Cause is RowChange update ? LiveUpdate.Of(update, context.History) : null,
            Fills = effect.Cause is RowChange { Kind: RowChangeKind.Update } fill && rule is UpdateRows or UpdateWithoutWhere && reason is not null && reason == RowQuestion.FillsOnly(fill, context) && context.History.IsLive(fill.Stored)
                ? new LiveFill(context.History.Live(fill.Stored), [.. fill.Columns.Select(fill.StoredColumn).Where(c => context.History.IsAdded(fill.Stored, c))], functions) : null,
            ForeignKeys = ForeignKeysOf(context),
            Created = context is { AsksDatabase: true, Routines.Created.Count: > 0 } ? context.Routines.Created : null,
            IsNameUncertain = context.Script.SearchPath.IsTouched && (context.Written ?? effect.Table).Schema is null && effect.Object.Kind != ObjectKind.Schema,
            Written = NamesItself(rule, verdict) ? context.Written ?? effect.Table : null,
            WrittenColumn = verdict.Question?.Column is null ? null : effect.Object.Part,
        };
    }

    /// <summary>Those of triggers that the set created, which can store other values than an UPDATE assigns.</summary>
    private IReadOnlyList<RelationName> LiveTriggerFunctions(Effect effect) => effect.Cause is not RowChange { Kind: RowChangeKind.Update } change ? []
        : [.. raised.All.Where(h => h.Trigger is { IsBeforeRow: true } && h.Events.Contains("update") && h.Table.Name == change.Stored.Name).Select(h => h.Trigger!.Function).Where(f => !routines.IsOfSet(f)).Distinct()];

    /// <summary>What runs later, or not as the script shows, may meet all of them.</summary>
    private static ForeignKeyChanges ForeignKeysOf(StatementContext context) => context.InBody || context.IsRaised || context.Statement.StartsWith("prepare") ? context.History.ForeignKeys.Uncertain
        : context.Script.Settings.Of(ScriptSettings.ReplicationRole) is [var role] && role.Equals("replica", StringComparison.OrdinalIgnoreCase) ? context.History.ForeignKeys with { IsReplica = true } : context.History.ForeignKeys;

    /// <summary>Locks are held all the same, what fails does so before, and functions can do what no rollback undoes.</summary>
    private static bool IsRolledBack(IAnalysisRule rule, Effect effect, StatementContext context) =>
        context.RolledBackIn is not null && rule.Severity is FindingSeverity.Destructive or FindingSeverity.Breaking && effect.Cause is not OutsideCall;

    /// <summary>What was dropped before is not named again; nor is an enum's predecessor.</summary>
    private static bool NamesItself(IAnalysisRule rule, Verdict verdict) =>
        rule.Id != "drop-and-recreate" && verdict.Question is { Kind: LiveFactKind.Rows or LiveFactKind.RowsWhere or LiveFactKind.Values or LiveFactKind.Changed or LiveFactKind.SchemaRows };

    /// <summary>What earlier statements have renamed is asked about by its old name, where the history follows it.</summary>
    private static bool IsAbsenceCertain(Effect effect, SchemaHistory history)
    {
        var isTableKnown = history.Catalog.ShowsAbsenceOf(effect.Table.Name) || history.Live(effect.Table) != effect.Table;
        return isTableKnown && (effect.Cause is not TableAction.DropColumn drop || history.Catalog.ShowsAbsenceOf(drop.Column) || history.LiveColumn(effect.Table, drop.Column) != drop.Column);
    }

    /// <summary>What DROP IF EXISTS and ALTER … IF EXISTS leave alone where it is missing.</summary>
    private static RelationName? IfThere(Effect effect) => effect.Command switch
    {
        Command.Drop { IfExists: true } drop when ObjectKinds.IsRelation(drop.Kind) => effect.Object.Name,
        Command.AlterTable { IfExists: true } alter => alter.Name,
        _ => null,
    };

    private static bool MayBeMissing(Effect effect, StatementContext context)
    {
        var isForeseen = effect.Cause is Command.CreateTable or Command.CreateObject or TableAction.AddColumn or ObjectAction.RenameTo
            || ((effect.Cause is Command.Drop { IfExists: true } or TableAction.DropColumn { IfExists: true } || effect.Command is Command.AlterTable { IfExists: true }) && IsAbsenceCertain(effect, context.History));
        // Where the search path was set, IF NOT EXISTS may have looked elsewhere than it is thought.
        return isForeseen || (context.History.IsCreatedIfMissing(effect.Table) && !context.Script.SearchPath.IsTouched);
    }
}
