using System.Globalization;
using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Core.Tests.Analysis.Judge;

/// <summary>SQL that was cut, doubled, spliced and sprinkled with random bytes, and SQL made to be slow.</summary>
public sealed class MutationTests(ITestOutputHelper output, PostgresJudge judge) : IClassFixture<PostgresJudge>
{
    [Fact]
    public void No_mutated_script_causes_a_crash_a_hang_or_an_unreported_data_loss()
    {
        var round = new Round(output);
        var seeds = Seeds();
        var mutation = new SqlMutation(round.Random, seeds);
        var (times, losses, slowest, failures) = (Round.Times(800, 100_000), 0, TimeSpan.Zero, new List<string>());
        for (var i = 0; i < times; i++)
        {
            var sql = mutation.Next();
            var before = ThreadTime.Now;
            var (findings, crash) = Analyse(sql);
            var time = ThreadTime.Now - before;
            slowest = time > slowest ? time : slowest;
            var reported = Losses(sql).ToLookup(loss => IsSaid(loss.Loss, loss.Line, findings));
            losses += reported[true].Count() + reported[false].Count();
            if (crash is not null || time > TimeSpan.FromSeconds(1))
                failures.Add($"mutation {i}: {crash?.ToString() ?? $"{time}"}\n{sql}");
            else
                failures.AddRange(reported[false].Select(loss => $"mutation {i}: nothing is reported of {loss.Loss}, line {loss.Line}\n{sql}"));
        }

        output.WriteLine($"{times} mutations of {seeds.Count} scripts; PostgreSQL's parser saw {losses} losses in them; the slowest took {slowest.TotalMilliseconds:0} ms; the parser's own process died {judge.Deaths} times");
        Assert.True(failures.Count == 0, $"{failures.Count} failures ({round})\n{string.Join("\n\n", failures.Take(20))}");
        Assert.True(losses > times / 20, $"only {losses} losses were left in {times} mutations: they prove little");
    }

    /// <summary>Each statement of the hand-written ones, cut behind each of its tokens, and without each of them.</summary>
    [LongFact]
    public void Truncated_statements_and_missing_tokens_do_not_crash_the_analysis()
    {
        var crashes = new List<string>();
        var scripts = JudgedSql.Files().Concat(Directory.EnumerateFiles(RuleFixture.Folder, "*.sql", SearchOption.AllDirectories)).Select(File.ReadAllText);
        foreach (var statement in scripts.SelectMany(sql => SqlSplitter.Split(sql)).DistinctBy(s => s.Text))
        {
            foreach (var token in statement.Tokens)
            {
                var (before, behind) = (token.Source[statement.Tokens[0].Start..token.Start], token.Source[token.End..statement.Tokens[^1].End]);
                crashes.AddRange(new[] { before, before + behind }.Select(sql => (Sql: sql, Analyse(sql).Crash)).Where(c => c.Crash is not null).Select(c => $"{c.Crash}\n{c.Sql}"));
            }
        }

        Assert.True(crashes.Count == 0, $"{crashes.Count} crashes\n{string.Join("\n\n", crashes.Take(20))}");
    }

    [Theory]
    [InlineData("EXPLAIN (")]
    [InlineData("EXPLAIN (ANALYZE")]
    [InlineData("ALTER TABLE t ADD  NOT NULL,\nb bool")]
    [InlineData("ALTER TABLE t ADD CONSTRAINT c")]
    [InlineData("SELECT 1_0$$00 FROM t;\nDROP TABLE a;")]
    [InlineData("DROP TABLE \"a;\nDROP TABLE b;")]
    [InlineData("SELECT E'\\';\nDROP TABLE b;")]
    [InlineData("SET search_path = a b")]
    [InlineData("SET search_path =#\"a\", b")]
    [InlineData("DO $$ BEGIN COPY t FROM stdin; END $$")]
    [InlineData("DO $$ BEGIN DROP TABLE 'a; END $$")]
    [InlineData("ALTER INDEX a DETACH PARTITION b")]
    public void Malformed_SQL_is_reported_as_opaque(string sql) =>
        Assert.Contains(MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)]), f => f.Severity == FindingSeverity.Opaque);

    [Theory]
    [InlineData("/*")]
    [InlineData("(")]
    [InlineData("'a'\n")]
    [InlineData("E'\\'' ")]
    [InlineData("$a$ $b$ ")]
    [InlineData("$a ")]
    [InlineData("\"a\".")]
    [InlineData("U&\"\\0061\" ")]
    [InlineData("-- x\n")]
    [InlineData(";")]
    [InlineData("a,")]
    [InlineData("case when ")]
    [InlineData("end ")]
    [InlineData("begin atomic ")]
    [InlineData("\\set a b\n")]
    [InlineData("COPY t FROM stdin;\n")]
    [InlineData("COPY t FROM stdin;\n1\n\\.\n")]
    [InlineData("DROP TABLE t;\n")]
    [InlineData("CREATE TABLE t (a int);\n")]
    [InlineData("ALTER TABLE t ADD a int, ADD b int;\nALTER TABLE t RENAME TO u;\n")]
    [InlineData("WITH a AS (DELETE FROM t) ")]
    [InlineData("DO $$ BEGIN DELETE FROM t; END $$;\n")]
    [InlineData("IF a THEN ")]
    [InlineData("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC ")]
    [InlineData("SELECT 1\n")]
    [InlineData("SELECT (")]
    [InlineData("WITH a AS (")]
    [InlineData("WITH a AS (DELETE FROM t RETURNING *), ")]
    [InlineData("a AS (DELETE FROM t), ")]
    [InlineData("EXPLAIN ANALYZE ")]
    [InlineData("PREPARE a AS ")]
    [InlineData("COPY (")]
    [InlineData("CREATE SCHEMA s ")]
    [InlineData("CREATE SCHEMA s CREATE TABLE t (a int) ")]
    [InlineData("ALTER TABLE t ADD CHECK (")]
    [InlineData("ALTER TABLE t ADD a int DEFAULT ")]
    [InlineData("ADD COLUMN a int, ")]
    [InlineData("DROP TABLE a, ")]
    [InlineData("ARRAY[")]
    [InlineData("MERGE INTO t USING ")]
    [InlineData("WHEN MATCHED THEN DELETE ")]
    [InlineData("LOOP ")]
    [InlineData("BEGIN; SET LOCAL search_path = a; ")]
    [InlineData("SAVEPOINT a; ")]
    [InlineData("BEGIN; DROP TABLE t; ROLLBACK; ")]
    [InlineData("CREATE TYPE m AS ENUM ('a'); ALTER TYPE m ADD VALUE 'b'; ")]
    [InlineData("SELECT 1 \\; ")]
    [InlineData("-- dbsafety: allow drop-table t because x\nDROP TABLE t;\n")]
    public void Analysis_time_is_linear_in_the_length_of_the_script(string piece)
    {
        var small = Fastest(Repeated(piece, 20_000));
        var large = Fastest(Repeated(piece, 160_000));
        Assert.True(large < TimeSpan.FromSeconds(1) || large < 8 * 3 * small, $"{small.TotalMilliseconds:0.0} ms, and {large.TotalMilliseconds:0.0} ms for eight times as much");
    }

    /// <summary>What is remembered of one statement is looked up by the next, however many there were.</summary>
    [LongTheory]
    [InlineData("CREATE TABLE t# (a int); ALTER TABLE o# ADD c# int; ALTER TABLE o# DROP d#; CREATE INDEX i# ON t# (a); DROP TABLE g#; ALTER TABLE r# RENAME TO s#;\n")]
    [InlineData("ALTER TABLE u ADD c# int; UPDATE u SET x = # WHERE a = #; ALTER TABLE u ALTER c# SET NOT NULL; ALTER TABLE u ADD CONSTRAINT k# CHECK (c# IS NOT NULL) NOT VALID; ALTER TABLE u VALIDATE CONSTRAINT k#;\n")]
    [InlineData("ALTER TYPE m ADD VALUE 'v#'; CREATE TYPE y# AS ENUM ('a'); INSERT INTO u VALUES ('#'); ALTER TABLE u RENAME COLUMN c# TO d#; ALTER TABLE u DROP COLUMN e#;\n")]
    public void Analysis_time_is_linear_in_the_number_of_names(string piece)
    {
        var small = Time(Numbered(piece, 500_000));
        var large = Time(Numbered(piece, 4_000_000));
        Assert.True(large < 8 * 2.5 * small, $"{small.TotalMilliseconds:0} ms, and {large.TotalMilliseconds:0} ms for eight times as much");
    }

    [Fact]
    public void Analysis_of_deeply_nested_bodies_stops_at_a_limit_and_reports_an_opaque_finding()
    {
        var sql = string.Concat(Enumerable.Range(0, 3_000).Select(i => $"DO $b{i}$ BEGIN ")) + "DROP TABLE t;" + string.Concat(Enumerable.Range(0, 3_000).Reverse().Select(i => $" END $b{i}$;"));
        Assert.Contains(MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)]), f => f.Severity == FindingSeverity.Opaque);
        Assert.True(Fastest(sql) < TimeSpan.FromSeconds(1));
    }

    private static string Repeated(string piece, int length) => string.Concat(Enumerable.Repeat(piece, length / piece.Length));

    private static string Numbered(string piece, int length) =>
        string.Concat(Enumerable.Range(0, length / piece.Length).Select(i => piece.Replace("#", i.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)));

    /// <summary>Of three times: the first pays for the compiler.</summary>
    private static TimeSpan Fastest(string sql) => Enumerable.Range(0, 3).Min(_ => Time(sql));

    private static TimeSpan Time(string sql)
    {
        var before = ThreadTime.Now;
        MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)]);
        return ThreadTime.Now - before;
    }

    private static (IReadOnlyList<MigrationFinding> Findings, Exception? Crash) Analyse(string sql)
    {
        try
        {
            return (MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)]), null);
        }
        catch (Exception e)
        {
            // Told with all the others at the end.
            return ([], e);
        }
    }

    /// <summary>What PostgreSQL's parser sees go, and on which line. For it a text ends at a NUL, which no client can send.</summary>
    private IEnumerable<(JudgedEffect Loss, int Line)> Losses(string sql) =>
        from statement in sql.Contains('\0', StringComparison.Ordinal) ? [] : judge.Judge(sql)?.Statements ?? []
        where statement is { Version: not null, Guessed: false }
        from effect in statement.Effects
        where effect is { Must: true, Body: false } && PostgresJudge.Losses.Contains(effect.Rule)
        // libpg_query takes question marks into names; PostgreSQL does not.
        where !effect.Objects.Any(o => o.Any(part => part?.Contains('?', StringComparison.Ordinal) == true))
        select (effect, statement.Line);

    /// <summary>It is found, or the place it stands in is called opaque. A broken SET search_path leaves the schema unsure.</summary>
    private static bool IsSaid(JudgedEffect loss, int line, IReadOnlyList<MigrationFinding> findings) =>
        findings.Any(f => loss.FitsByLastName(f.Rule, f.Object) || (f.Severity == FindingSeverity.Opaque && f.Line <= line));

    /// <summary>Half of them hand-written, as those hold far more that is lost.</summary>
    private static List<string> Seeds()
    {
        var own = JudgedSql.Files().Select(f => File.ReadAllText(f)).ToList();
        if (!Round.IsLong || SqlCorpus.IsEmpty)
            return own;
        var seeds = SqlCorpus.Projects().SelectMany(p => p.Files).Select(f => File.ReadAllText(f)).ToList();
        return [.. seeds, .. Enumerable.Range(0, seeds.Count).Select(i => own[i % own.Count])];
    }
}
