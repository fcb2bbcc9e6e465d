namespace DbSafety.Core.Tests.Analysis.Judge;

/// <summary>A round over the SQL of public projects, which <c>DBSAFETY_CORPUS</c> names a folder of.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SqlCorpusFactAttribute : FactAttribute
{
    public SqlCorpusFactAttribute()
    {
        if (SqlCorpus.IsEmpty)
            Skip = "DBSAFETY_CORPUS names no folder of projects with *.sql files";
    }
}
