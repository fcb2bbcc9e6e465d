using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Advice about the type of a column.</summary>
internal abstract class StyleColumnRule(string id) : StyleRule(id)
{
    protected abstract string Remedy { get; }

    public sealed override IEnumerable<Verdict> JudgeAll(IReadOnlyList<Effect> effects, StatementContext context)
    {
        foreach (var column in StyleColumn.Of(effects))
        {
            var name = context.Display(column.Table, column.Name);
            if (Does(column, name) is { } does)
                yield return new Verdict(name, does, Remedy);
        }
    }

    /// <summary>Null if there is nothing to report.</summary>
    protected abstract string? Does(StyleColumn column, string name);
}
