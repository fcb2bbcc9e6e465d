using DbSafety.Analysis.Syntax;
using DbSafety.Comparisons;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Errors;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Comparisons;

/// <summary>Dumps that the stock tools made of a database are no difference from it, whatever options they were made with.</summary>
[Collection(PgServerGroup.Name)]
public sealed class DumpComparisonTests(PgServer pg) : IClassFixture<PgServer>
{
    private const string Sql = """
        CREATE TABLE full_one (id serial PRIMARY KEY, note text); INSERT INTO full_one (note) SELECT 'x' FROM generate_series(1, 5); CREATE TABLE "Empty One" (id int GENERATED ALWAYS AS IDENTITY);
        CREATE SCHEMA app; CREATE TABLE app.excluded (id int); INSERT INTO app.excluded VALUES (1), (2); SELECT lo_create(4711);
        CREATE TABLE log (at date) PARTITION BY RANGE (at); CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (at); CREATE TABLE log_1_1 PARTITION OF log_1 DEFAULT;
        CREATE TABLE log_2 PARTITION OF log DEFAULT; INSERT INTO log VALUES ('2024-02-02'), ('2025-02-02');
        """;

    [Fact]
    public async Task Dump_with_any_pg_dump_options_equals_its_database_and_other_dumps()
    {
        using var folder = new TempFolder();
        var source = await pg.CreateDatabaseAsync("options", Sql + "COMMENT ON LARGE OBJECT 4711 IS 'x'; GRANT SELECT ON LARGE OBJECT 4711 TO PUBLIC;");
        await PgServer.ExecuteAsync(source, $"COMMENT ON DATABASE {source.Database} IS 'x'; REVOKE TEMPORARY ON DATABASE {source.Database} FROM PUBLIC");
        (string Name, string[] Options)[] all =
        [
            ("inserts.sql", ["--inserts"]), ("root.sql", ["--inserts", "--load-via-partition-root"]), ("inserts.dump", ["--format=custom", "--inserts"]), ("custom.dump", ["--format=custom"]), ("root.dump", ["--format=custom", "--load-via-partition-root"]),
            ("schema.dump", ["--format=custom", "--schema-only"]), ("schema.sql", ["--schema-only"]), ("data.sql", ["--data-only"]), ("excluded.dump", ["--format=custom", "--exclude-table-data=app.*"]), ("excluded.sql", ["--exclude-table-data=app.*"]),
            ("data.dump", ["--format=custom", "--data-only"]), ("data.tar", ["--format=tar", "--data-only"]), ("without.dump", ["--format=custom", "--no-blobs"]), ("session.sql", ["--create", "--use-set-session-authorization"]),
            ("bare.sql", ["--create", "--no-comments", "--no-privileges", "--no-owner"]),
        ];
        var files = new List<string>();
        foreach (var (name, options) in all)
            files.Add(await DumpAsync(source, Path.Combine(folder.Path, name), options));

        foreach (var file in files)
        {
            Assert.Equal((file, ""), (file, Lines((await CompareAsync(ComparisonSide.OfFile(file), ComparisonSide.Of(source))).Changes)));
            Assert.Equal((file, ""), (file, Lines((await CompareAsync(ComparisonSide.Of(source), ComparisonSide.OfFile(file))).Changes)));
            Assert.Equal((file, ""), (file, Lines((await CompareAsync(ComparisonSide.OfFile(files[1]), ComparisonSide.OfFile(file))).Changes)));
        }

        foreach (var name in new[] { "excluded.dump", "excluded.sql" })
            Assert.Contains("rows of app.excluded: the dump excluded holds none of them", (await CompareAsync(ComparisonSide.OfFile(Path.Combine(folder.Path, name)), ComparisonSide.Of(source))).NotCompared);
        await PgServer.ExecuteAsync(source, """INSERT INTO "Empty One" DEFAULT VALUES; DROP TABLE app.excluded; CREATE TABLE app.fresh (id int)""");
        string[] tables = ["app.excluded: the table is missing", "app.fresh: the table is new, with 0 rows"];
        foreach (var (name, more) in new[] { ("schema.dump", (string[])[]), ("schema.sql", []), ("excluded.sql", ["public.\"Empty One\": 1 row more (0 before, 1 now)", "sequence public.\"Empty One_id_seq\": ahead, at 1 instead of 1 (not used yet)"]) })
            Assert.Equal((name, Lines([.. tables, .. more])), (name, Lines((await CompareAsync(ComparisonSide.OfFile(Path.Combine(folder.Path, name)), ComparisonSide.Of(source))).Changes)));
        Assert.Contains("public.\"Empty One\": 1 row more (0 before, 1 now)", (await CompareAsync(ComparisonSide.OfFile(files[0]), ComparisonSide.Of(source))).Changes);
    }

    [Fact]
    public async Task Comparison_selects_the_database_of_the_same_name_from_a_pg_dumpall_file_and_rejects_missing_names()
    {
        using var folder = new TempFolder();
        var source = await pg.CreateDatabaseAsync("one", "CREATE TABLE t (id int); INSERT INTO t VALUES (1)");
        var other = await pg.CreateDatabaseAsync("two", "CREATE TABLE u (id int)");
        var file = Path.Combine(folder.Path, "all.sql");
        await RunAsync("pg_dumpall", source, "--file=" + file);

        Assert.Equal("", Lines((await CompareAsync(ComparisonSide.OfFile(file), ComparisonSide.Of(source))).Changes));
        Assert.Equal("", Lines((await CompareAsync(ComparisonSide.Of(other), ComparisonSide.OfFile(file))).Changes));
        await PgServer.ExecuteAsync(source, "DELETE FROM t");
        Assert.Equal("public.t: 1 row fewer (1 before, 0 now)", Assert.Single((await CompareAsync(ComparisonSide.OfFile(file), ComparisonSide.Of(await FingerprintReader.ReadAsync(source, CancellationToken.None)))).Changes));
        var refused = await Assert.ThrowsAsync<DbSafetyException>(() => CompareAsync(ComparisonSide.OfFile(file), ComparisonSide.Of(pg.Target.On("postgres_not_there"))));
        Assert.Equal("DBS439", refused.Code);
        Assert.Contains(source.Database, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>What is in every database is never missing, and what PostgreSQL prints in two ways is the same.</summary>
    [Fact]
    public async Task Comparison_reports_changed_privileges_of_system_objects_and_ignores_restored_SQL_bodies()
    {
        using var folder = new TempFolder();
        await PgServer.ExecuteAsync(pg.Target, "CREATE ROLE cmp_builtin");
        var source = await pg.CreateDatabaseAsync("atomic");
        await RunScriptAsync(source, folder, """
            CREATE TABLE t (a int, b varchar(9));
            CREATE FUNCTION two() RETURNS TABLE (a int, b text) LANGUAGE sql BEGIN ATOMIC SELECT 2, 'end'; END;
            CREATE FUNCTION casts() RETURNS SETOF record LANGUAGE sql BEGIN ATOMIC SELECT 1::bigint, 'x'::varchar(3), now()::timestamp(3), '{}'::int[], 'a; AS text'::"char", true::boolean, B'1'::bit varying, 1::double precision; END;
            CREATE PROCEDURE filling() LANGUAGE sql BEGIN ATOMIC INSERT INTO t SELECT 1, 'x'; DELETE FROM t WHERE b IN ('a', 'b') AND EXISTS (SELECT 'y' FROM t); END;
            CREATE VIEW inner_names AS SELECT a FROM t WHERE EXISTS (SELECT 'y', 1::bigint FROM t u WHERE u.b IN ('a', 'b'));
            """);
        var restored = source.On(source.Database + "_restored");
        var dump = await DumpAsync(source, Path.Combine(folder.Path, "dump"), ["--format=custom"]);
        await PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {SqlName.Quote(restored.Database)} TEMPLATE template0");
        await RunAsync("pg_restore", restored, "--exit-on-error", "--dbname=" + restored.Database, dump);
        Assert.Equal("", Lines((await CompareAsync(ComparisonSide.Of(source), ComparisonSide.Of(restored))).Changes));

        await RunScriptAsync(restored, folder, """
            REVOKE USAGE ON LANGUAGE sql FROM PUBLIC; REVOKE EXECUTE ON FUNCTION pg_sleep(double precision) FROM PUBLIC; GRANT SELECT ON pg_authid TO cmp_builtin; COMMENT ON SCHEMA public IS 'own';
            CREATE OR REPLACE FUNCTION two() RETURNS TABLE (a int, b text) LANGUAGE sql BEGIN ATOMIC SELECT 3, 'end'; END;
            """);
        string[] expected =
        [
            "function pg_catalog.pg_sleep(double precision): privileges of PUBLIC changed from the default to none", "function public.two(): body changed", "language sql: privileges of PUBLIC changed from the default to none",
            "schema public: comment changed from none to own", "table pg_catalog.pg_authid: privileges of cmp_builtin changed from none to SELECT",
        ];
        Assert.Equal(Lines(expected), Lines((await CompareAsync(ComparisonSide.Of(source), ComparisonSide.Of(restored))).Changes));
        Assert.DoesNotContain((await CompareAsync(ComparisonSide.Of(restored), ComparisonSide.Of(source))).Changes, c => c.Contains("it is", StringComparison.Ordinal));
        await PgServer.ExecuteAsync(source, "DROP SCHEMA public CASCADE");
        Assert.Contains("schema public: dropped changed from no to yes", (await CompareAsync(ComparisonSide.Of(restored), ComparisonSide.Of(source))).Changes);
    }

    private static string Lines(IEnumerable<string> lines) => string.Join('\n', lines.Order(StringComparer.Ordinal));

    private static Task<PgDifference> CompareAsync(ComparisonSide reference, ComparisonSide difference) =>
        new CompareDatabases().RunAsync(new CompareRequest(reference, difference), new RecordedEvents(), CancellationToken.None);

    /// <summary>With psql, which knows where a body ends.</summary>
    private static async Task RunScriptAsync(DatabaseTarget database, TempFolder folder, string sql)
    {
        var file = Path.Combine(folder.Path, "script.sql");
        await File.WriteAllTextAsync(file, sql);
        await PgServer.RunFileAsync(database, file);
    }

    private static async Task<string> DumpAsync(DatabaseTarget database, string file, string[] options)
    {
        await RunAsync("pg_dump", database, [.. options, "--file=" + file]);
        return file;
    }

    private static async Task RunAsync(string program, DatabaseTarget database, params string[] arguments)
    {
        var tool = await PgTools.FindAsync(program, 15, CancellationToken.None);
        (await ToolProcess.RunAsync(new ToolCommand(tool.Path, arguments) { Environment = database.ToolEnvironment() }, CancellationToken.None)).OrThrow();
    }
}
