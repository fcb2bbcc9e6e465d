using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Databases;

namespace DbSafety.Analysis.Rules;

/// <summary>Without CONCURRENTLY nobody can write to the table while the index is built.</summary>
internal sealed class CreateIndexBlocking : IAnalysisRule
{
    public string Id => "create-index-blocking";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not Command.CreateIndex { IsConcurrent: false } index)
            return null;
        var table = context.Display(index.Table);
        return new Verdict(context.Display(effect.Object), $"builds an index on {table}", "Build it CONCURRENTLY, in a migration of its own:")
        {
            SafeSql = $"CREATE {(index.IsUnique ? "UNIQUE " : "")}INDEX CONCURRENTLY {(index.IfNotExists ? "IF NOT EXISTS " : "")}{(index.Name is null ? "" : SqlName.Display(index.Name) + " ")}{index.Definition};",
            HarmlessBecause = context.NewHere(index.Table),
        };
    }
}
