using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Core.Tests.Analysis;

/// <summary>What the analysis remembers of a set is bounded, and what it forgets makes it louder.</summary>
public sealed class ShortMemoryTests
{
    [Fact]
    public void The_cache_evicts_only_old_entries_that_can_be_evicted()
    {
        var memory = new BoundedCache<int, bool>(mayForget: v => v);
        for (var i = 0; i <= BoundedCache<int, bool>.Most; i++)
            memory[i] = i % 10 != 0;

        Assert.Equal(1 + (BoundedCache<int, bool>.Most / 10), memory.Count);
        Assert.True(memory.ContainsKey(BoundedCache<int, bool>.Most));
        Assert.False(memory.ContainsKey(1));
    }

    [LongFact]
    public void A_table_evicted_from_the_cache_counts_as_an_existing_table()
    {
        var makes = string.Concat(Enumerable.Range(0, BoundedCache<int, bool>.Most + 1).Select(i => $"CREATE TABLE t{i} (a int);\n"));
        var drops = MigrationAnalyser.Analyse([new SqlScript("1.sql", makes + $"DROP TABLE t{BoundedCache<int, bool>.Most};\nDROP TABLE t0;")]).Where(f => f.Rule == "drop-table");
        Assert.Equal([FindingSeverity.Info, FindingSeverity.Destructive], drops.Select(f => f.Severity));
    }

    [LongFact]
    public void The_cache_never_evicts_names_used_in_live_database_queries()
    {
        var renames = "ALTER TABLE a RENAME TO b;\n" + string.Concat(Enumerable.Range(0, 2 * BoundedCache<int, bool>.Most).Select(i => $"ALTER TABLE t{i} ADD c int;\n"));
        var drop = MigrationAnalyser.Analyse([new SqlScript("1.sql", renames + "DROP TABLE b;")]).Single(f => f.Rule == "drop-table");
        Assert.Equal(new RelationName(null, "a"), drop.Question!.Relation);
    }
}
