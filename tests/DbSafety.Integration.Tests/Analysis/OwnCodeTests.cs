using DbSafety.Analysis.Findings;
using DbSafety.Integration.Tests.Migrations;
using DbSafety.Migrations;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary>What an expression of a script calls without naming it: rows are counted on production, where nothing may be called that is not known to compute only.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class OwnCodeTests(PgServer pg)
{
    /// <summary>A file is written even in a read-only transaction that is rolled back.</summary>
    private const string Schema =
        """
        CREATE FUNCTION acts() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'COPY (SELECT 1) TO ''@FILE@'''; RETURN true; END $$;
        CREATE TABLE t (id int PRIMARY KEY, v text, n int);
        INSERT INTO t SELECT i, 'v' || i, i FROM generate_series(1, 10) i;
        CREATE FUNCTION same(int, int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM acts(); RETURN $1 = $2; END $$;
        CREATE FUNCTION liar(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM acts(); RETURN $1; END $$;
        CREATE FUNCTION twice(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN $1 * 2; END $$;
        CREATE FUNCTION isold(t) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN acts(); END $$;
        CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = same);
        CREATE TYPE ty AS (a int);
        CREATE FUNCTION as_ty(int) RETURNS ty LANGUAGE plpgsql AS $$ BEGIN PERFORM acts(); RETURN ROW($1)::ty; END $$;
        CREATE CAST (int AS ty) WITH FUNCTION as_ty(int) AS ASSIGNMENT;
        CREATE DOMAIN odd AS text CHECK (acts() AND VALUE <> '');
        CREATE DOMAIN odder AS odd;
        CREATE TYPE box_of AS (d odder);
        CREATE DOMAIN plain AS text CHECK (VALUE ~ '^v' AND length(VALUE) < 9);
        """;

    private static readonly string[] Calling =
    [
        "DELETE FROM t WHERE id === 1",
        "DELETE FROM t WHERE id OPERATOR(public.===) 1",
        "DELETE FROM t WHERE t.isold",
        "DELETE FROM t WHERE (t).isold",
        "UPDATE t SET v = NULL WHERE (id::ty).a > 1",
        "UPDATE t SET v = NULL WHERE (CAST(id AS ty)).a > 1",
        "UPDATE t SET v = 'x' WHERE v::odd IS NOT NULL",
        "UPDATE t SET v = 'x' WHERE (ARRAY[v]::odder[])[1] = 'v1'",
        "UPDATE t SET v = 'x' WHERE ROW(v)::box_of IS NOT NULL",
        "UPDATE t SET v = 'x' WHERE odd 'v1' = v",
        "UPDATE t SET v = 'x' WHERE odd(v) = 'v1'",
        "UPDATE t SET v = 'x' WHERE id = liar(id)",
        "ALTER TABLE t ALTER n TYPE ty USING n::ty",
        "ALTER TABLE t ALTER v TYPE odd",
        "ALTER TABLE t ALTER v TYPE odd USING v::odd",
        "ALTER TABLE t ALTER v TYPE varchar(1) USING CASE WHEN t.isold THEN v END",
        "ALTER TABLE t ALTER n TYPE smallint USING liar(n)",
        "ALTER TABLE t ADD CONSTRAINT c CHECK (id === 1)",
        "ALTER TABLE t ADD CONSTRAINT c CHECK (v::odd IS NOT NULL)",
        "ALTER TABLE t ADD CONSTRAINT c CHECK (liar(n) > 0)",
        "ALTER TABLE t ADD w odd",
        "CREATE UNIQUE INDEX u ON t ((n === 1))",
        "CREATE UNIQUE INDEX u ON t (liar(n))",
    ];

    [Fact]
    public async Task Counting_rows_never_calls_user_code_of_operators_casts_domains_or_columns()
    {
        using var folder = new TempFolder();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)511);
        var file = Path.Combine(folder.Path, "called");
        using var shop = await Shop.OpenAsync(pg, Schema.Replace("@FILE@", file, StringComparison.Ordinal));
        foreach (var sql in Calling)
        {
            var findings = await FindAsync(shop.With("1.sql", sql));
            Assert.False(File.Exists(file), $"{sql}: {string.Join("; ", findings.Select(f => f.Message))}");
        }

        await PgServer.ExecuteAsync(shop.Target, "SELECT acts()");
        Assert.True(File.Exists(file));
    }

    private static readonly (string Sql, string Reported)[] Computing =
    [
        ("DELETE FROM t WHERE id = 1 AND v LIKE 'v%'", "1 row would be lost"),
        ("DELETE FROM t WHERE v::plain = 'v1'", "1 row would be lost"),
        ("DELETE FROM t WHERE n + 1 IN (2, 3)", "2 rows would be lost"),
        ("DELETE FROM t WHERE v % 'v1' AND id < 3", "1 row would be lost"),
        ("DELETE FROM t WHERE v::citext = 'V3'", "1 row would be lost"),
        ("ALTER TABLE t ADD CONSTRAINT c CHECK (twice(n) < 20)", "1 row violates it"),
        ("UPDATE t SET v = NULL", "10 values of v would be overwritten with NULL"),
    ];

    [Fact]
    public async Task Conditions_that_only_compute_are_still_counted()
    {
        // None of the database's own code is named or touched by what is counted here, or it only computes.
        using var shop = await Shop.OpenAsync(pg, Schema + "CREATE EXTENSION pg_trgm; CREATE EXTENSION citext;");
        foreach (var (sql, reported) in Computing)
        {
            var findings = await FindAsync(shop.With("1.sql", sql));
            Assert.True(findings.Any(f => f.Message.Contains(reported, StringComparison.Ordinal)), $"{sql}: {string.Join("; ", findings.Select(f => f.Message))}");
        }
    }

    private static Task<IReadOnlyList<MigrationFinding>> FindAsync(Shop shop) =>
        new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Migrations, shop.Target, All: true), shop.Events, CancellationToken.None);
}
