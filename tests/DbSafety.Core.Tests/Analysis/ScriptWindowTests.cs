using System.Text;
using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Core.Tests.Analysis.Judge;

namespace DbSafety.Core.Tests.Analysis;

/// <summary>A script that is read piece by piece says the same as one that is in memory.</summary>
public sealed class ScriptWindowTests(ITestOutputHelper output)
{
    private const string Rows = "('it''s', 1),\n";

    [Fact]
    public void The_chunk_size_does_not_affect_the_analysis_result()
    {
        var round = new Round(output);
        var seeds = Directory.EnumerateFiles(RuleFixture.Folder, "*.sql", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Path.Combine(RuleFixture.Folder, "..", "Judge", "Sql"), "*.sql"))
            .Select(File.ReadAllText).ToList();
        var mutation = new SqlMutation(round.Random, seeds);
        var differences = new List<string>();
        foreach (var sql in seeds.Concat(Enumerable.Range(0, Round.Times(800, 50_000)).Select(_ => mutation.Next())))
        {
            var piece = round.Random.Next(1, 300);
            var (expected, found) = (Reported(InMemory(sql)), Reported(InPieces(sql, piece)));
            if (!expected.SequenceEqual(found))
                differences.Add($"pieces of {piece}:\n{string.Join('\n', expected.Except(found).Select(l => "- " + l).Concat(found.Except(expected).Select(l => "+ " + l)))}\n{sql}");
        }

        Assert.True(differences.Count == 0, $"{differences.Count} differences ({round})\n{string.Join("\n\n", differences.Take(5))}");
    }

    public static TheoryData<string, string> LongScripts() => new()
    {
        { "rows of an INSERT", "INSERT INTO a VALUES\n" + Repeated(Rows) + "('', 1);\nDROP TABLE b;" },
        { "rows of a COPY", "COPY a FROM stdin;\n" + Repeated("1\t; DROP TABLE x;\n") + "\\.\nDROP TABLE b;" },
        { "rows of a COPY of psql", "\\copy a from stdin\n" + Repeated("1\t; DROP TABLE x;\n") + "\\.\r\nDROP TABLE b;" },
        { "a comment", "/* /* */" + Repeated(" /* ' */ * /\n") + "*/ DROP TABLE b;" },
        { "a comment of one line", "SELECT 1; --" + Repeated(" it's a */ /* $$ ") + "\nDROP TABLE b;" },
        { "a literal", "INSERT INTO a VALUES ('" + Repeated("it''s \\ ; \" $$\n") + "'); DROP TABLE b;" },
        { "a literal in pieces", "INSERT INTO a VALUES ('" + Repeated("it''s'\n -- ' ;\n 'a ") + "'); DROP TABLE b;" },
        { "a literal with escapes", "UPDATE a SET b = E'" + Repeated("\\' \\\\ '' ;\n") + "' WHERE c = 1; DROP TABLE b;" },
        { "a literal of digits", "INSERT INTO a VALUES ('\\x" + Repeated("00ff") + "'); DROP TABLE b;" },
        { "a literal in dollars", "COMMENT ON TABLE a IS $x$" + Repeated("$$ ' $y$ $xx$\n; $x") + "$x$; DROP TABLE b;" },
        { "blanks", "SELECT 1;" + Repeated(" \t\r\n") + "DROP TABLE b;" },
        { "statements", Repeated("INSERT INTO a VALUES ('x'); -- it's\n") + "DROP TABLE b;" },
        { "a body", "DO $$ BEGIN\n" + Repeated("PERFORM 'it''s';\n") + "END $$; DROP TABLE b;" },
        { "a body in quotes", "CREATE FUNCTION f() RETURNS void AS '" + Repeated(" PERFORM ''a'';\n") + "' LANGUAGE plpgsql; DROP TABLE b;" },
    };

    [LongTheory]
    [MemberData(nameof(LongScripts))]
    public void A_statement_after_very_long_content_is_reported(string what, string sql)
    {
        var script = new SqlScript("long.sql", () => new ScriptWindow(new StringReader(sql)));
        using (var window = script.Open())
            Assert.False(window.IsLast, "it is too short to prove anything");

        var lost = Assert.Single(MigrationAnalyser.Analyse([script]), f => f.Rule == "drop-table");
        Assert.Equal(("b", sql.Count(c => c == '\n') + 1), (lost.Object, lost.Line));
        Assert.NotEmpty(what);
    }

    [Fact]
    public void A_very_long_string_with_an_ambiguous_end_is_reported_as_opaque()
    {
        var sql = "DO $$ BEGIN EXECUTE 'SET standard_conforming_strings = off'; END $$;\nINSERT INTO a VALUES ('" + Repeated("a b ") + "\\' c " + Repeated("a b ") + "');";
        Assert.Contains(MigrationAnalyser.Analyse([InPieces(sql, 64 * 1024)]), f => f.Severity == FindingSeverity.Opaque && f.Line > 1);
    }

    [LongFact]
    public void COPY_rows_without_an_end_marker_are_analysed_as_statements()
    {
        var sql = Repeated("SELECT 1;\n") + "COPY a FROM stdin;\n" + Repeated("1\t2\n") + ";DROP TABLE b;";
        Assert.Contains(MigrationAnalyser.Analyse([InPieces(sql, 64 * 1024)]), f => f is { Rule: "drop-table", Object: "b" });
    }

    /// <summary>In the pieces before its last, a string has no end by either rules.</summary>
    [Theory]
    [InlineData("'a b c d e f g h i j k l m n o p q r s t u v w x y z'", false)]
    [InlineData("'a \\n b c d e f g h i j k l m n o p q r s t u v w x y z'", false)]
    [InlineData("'a \\' b c d e f g h i j k l m n o p q r s t u v w x y z'", true)]
    public void A_string_that_ends_in_another_chunk_is_opaque_only_if_its_end_is_ambiguous(string text, bool isInDoubt)
    {
        foreach (var script in new[] { InMemory(Sql()), InPieces(Sql(), 7) })
            Assert.Equal(isInDoubt, MigrationAnalyser.Analyse([script]).Any(f => f.Severity == FindingSeverity.Opaque && f.Line > 1));

        string Sql() => $"DO $$ BEGIN PERFORM set_config('standard_conforming_' || 'strings', 'off', false); END $$;\nINSERT INTO a VALUES ({text});";
    }

    [Fact]
    public void A_truncated_WHERE_condition_triggers_no_row_count_query()
    {
        var finding = Assert.Single(MigrationAnalyser.Analyse([InPieces("DELETE FROM a WHERE b <> '" + Repeated("it''s ") + "'", 64 * 1024)]), f => f.Rule == "delete-rows");
        Assert.Equal((FindingSeverity.Destructive, null), (finding.Severity, finding.Question));
    }

    [LongFact]
    public void Markers_and_suppression_comments_apply_at_any_distance_in_a_long_script()
    {
        var far = Repeated("INSERT INTO a VALUES ('x');\n");
        var script = InPieces($"-- migrate:up\nDROP TABLE b;\n{far}DROP TABLE c;\n{far}  -- dbsafety: allow drop-table b because it is empty\n-- migrate:down\n{far}DROP TABLE d;", 64 * 1024);
        var survey = ScriptSurvey.Of(script);
        var suppressions = new Suppressions(survey.Suppressions);
        var lost = new MigrationAnalyser().Read(script, survey).Where(f => f.Rule == "drop-table").Select(suppressions.Apply).ToList();
        Assert.Equal(["b: Info, it is empty", "c: Destructive, ", "d: Info, "], lost.Select(f => $"{f.Object}: {f.Severity}, {f.AllowedBecause}"));
    }

    [LongTheory]
    [InlineData("DO $$ BEGIN\n", "DROP TABLE b;\n", "END $$", FindingSeverity.Opaque)]
    [InlineData("CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS '", "DROP TABLE b;\n", "'", FindingSeverity.Info)]
    public void A_body_that_exceeds_the_length_limit_is_reported(string start, string inside, string end, FindingSeverity severity)
    {
        var sql = start + string.Concat(Enumerable.Repeat(Repeated(inside), 4)) + end + ";\nDROP TABLE c;";
        var found = MigrationAnalyser.Analyse([InPieces(sql, 256 * 1024)]);
        Assert.Contains(found, f => f.Rule == "dynamic-sql" && f.Severity == severity && f.Message.Contains("the body is too long", StringComparison.Ordinal));
        Assert.DoesNotContain(found, f => f.Rule == "do-block" && f.Severity == FindingSeverity.Info);
        Assert.Equal(["c"], found.Where(f => f.Rule == "drop-table").Select(f => f.Object));
    }

    [Fact]
    public void A_clause_after_many_VALUES_rows_belongs_to_the_same_statement()
    {
        var sql = "INSERT INTO a (b, c) VALUES " + Repeated("(1, 'x'), ") + "(2, 'y') ON CONFLICT (b) DO UPDATE SET c = 'z'; DROP TABLE b;";
        var rules = MigrationAnalyser.Analyse([InPieces(sql, 256 * 1024)]).Select(f => f.Rule).ToList();
        Assert.Equal(MigrationAnalyser.Analyse([InMemory("INSERT INTO a (b, c) VALUES (1, 'x') ON CONFLICT (b) DO UPDATE SET c = 'z'; DROP TABLE b;")]).Select(f => f.Rule), rules);
    }

    private static string Repeated(string text) => new StringBuilder().Insert(0, text, 3_000_000 / text.Length).ToString();

    private static SqlScript InMemory(string sql) => new("1.sql", DrizzleScript.Statements(sql));

    private static SqlScript InPieces(string sql, int piece) => new("1.sql", () => new ScriptWindow(new StringReader(sql), piece));

    private static List<string> Reported(SqlScript script)
    {
        var reported = new List<string>();
        using var window = script.Open();
        var survey = ScriptSurvey.Of(script);
        foreach (var s in SqlSplitter.Read(window, survey.LastRowsEnd, c => reported.Add($"comment {c.Position} line {c.Line} {c.StartsLine}: {c.Written}")))
            reported.Add($"{s.Ordinal} at {s.Position} line {s.Line}, {s.Tokens.Count} tokens, unclosed {s.IsUnclosed}, rows {s.CopyData is not null}: {s.Text}");
        reported.AddRange(survey.Suppressions.Select(s => s.ToString()));
        reported.AddRange(MigrationAnalyser.Analyse([script]).Select(f => $"{f.Line} {RuleFixture.Tell(f)}"));
        return reported;
    }
}
