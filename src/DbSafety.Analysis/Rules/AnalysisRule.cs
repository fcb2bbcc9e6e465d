using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>A rule for one kind of action of ALTER TABLE. On a table that the set created itself nothing of it can harm.</summary>
internal abstract class TableActionRule<T>(string id, FindingSeverity severity) : IAnalysisRule
    where T : TableAction
{
    public string Id => id;

    public FindingSeverity Severity => severity;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not T action || effect.Command is not Command.AlterTable { Kind: ObjectKind.Table or ObjectKind.ForeignTable or ObjectKind.MaterializedView or ObjectKind.View } alter
            || Judge(action, alter.Name, context) is not { } verdict)
            return null;
        return verdict.HarmlessBecause is null && (Severity is FindingSeverity.Blocking or FindingSeverity.MayFail ? context.NewHere(alter.Name) : context.CreatedHere(alter.Name)) is { } reason ? verdict with { HarmlessBecause = reason } : verdict;
    }

    protected abstract Verdict? Judge(T action, RelationName table, StatementContext context);
}

/// <summary>A rule for a kind of DROP that loses no stored values, but may drop an object that the application uses.</summary>
internal abstract class DropRule(string id, params ObjectKind[] kinds) : IAnalysisRule
{
    public string Id => id;

    public virtual FindingSeverity Severity => FindingSeverity.Breaking;

    /// <summary>The consequence; null if the lock is the consequence.</summary>
    protected virtual string? Consequence => "queries and code that use it fail";

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not Command.Drop drop || !kinds.Contains(drop.Kind) || !Applies(drop))
            return null;
        var name = context.Display(effect.Object);
        return new Verdict(name, $"drops {ObjectKinds.Words(drop.Kind)} {name}", Remedy(name))
        {
            Alarm = Consequence,
            SafeSql = SafeSql(drop, name),
            IfPartitioned = IfPartitioned is { } words ? new PartitionedRemedy(context.History.Live(effect.Object.Name), words) : null,
            HarmlessBecause = context.History.IsCreatedIndex(effect.Object.Name) && ObjectKinds.IsRelation(drop.Kind) ? "it was created by the same pending migrations"
                : drop.Kind is ObjectKind.Type or ObjectKind.Domain && context.History.Types.IsOfSet(effect.Object.Name) ? "it was created by the same pending migrations"
                : drop.On is { } on ? context.CreatedHere(on) : null,
        };
    }

    protected abstract string Remedy(string name);

    protected virtual string? SafeSql(Command.Drop drop, string name) => null;

    /// <summary>The remedy if it is partitioned; null if that makes no difference.</summary>
    protected virtual string? IfPartitioned => null;

    protected virtual bool Applies(Command.Drop drop) => true;
}

/// <summary>A rule for harmless statements, without a remedy.</summary>
internal abstract class InfoRule(string id) : IAnalysisRule
{
    public string Id => id;

    public FindingSeverity Severity => FindingSeverity.Info;

    public Verdict? Judge(Effect effect, StatementContext context) =>
        Describe(effect, context) is var (name, does) ? new Verdict(name, does, "") : null;

    protected abstract (string Object, string Does)? Describe(Effect effect, StatementContext context);
}
