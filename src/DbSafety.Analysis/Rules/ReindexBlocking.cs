using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Writes to the table are blocked while its indexes are rebuilt, and as the planner locks every index, reads wait too.</summary>
internal sealed class ReindexBlocking : IAnalysisRule
{
    public string Id => "reindex-blocking";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not Command.Reindex { IsConcurrent: false } reindex)
            return null;
        var (kind, name) = (ObjectKinds.Words(reindex.Kind), context.Display(effect.Object));
        var what = reindex.Name is null ? "all indexes" : reindex.Kind == ObjectKind.Index ? $"index {name}" : $"the indexes of {kind} {name}";
        return new Verdict(name, $"rebuilds {what}", reindex.Kind is ObjectKind.System ? "PostgreSQL cannot rebuild indexes of system catalogs CONCURRENTLY: run it at a time of low load." : "Rebuild them CONCURRENTLY, outside a transaction block:")
        {
            SafeSql = reindex.Kind is ObjectKind.System || reindex.Name is null ? null : $"REINDEX {(reindex.Tablespace is { } tablespace ? $"(TABLESPACE {SqlName.Display(tablespace)}) " : "")}{kind.ToUpperInvariant()} CONCURRENTLY {name};",
            HarmlessBecause = reindex.Kind == ObjectKind.Table ? context.CreatedHere(effect.Table) : null,
        };
    }
}
