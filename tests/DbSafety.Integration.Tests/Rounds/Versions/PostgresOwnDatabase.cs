using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Rounds.Versions;

/// <summary>A database that PostgreSQL's own tests make; <c>tests/postgres-source.sh</c> provides them.</summary>
public enum PostgresOwn
{
    /// <summary>What the regression tests leave: hundreds of tables, types and functions.</summary>
    Regression,

    /// <summary>What the tests of pg_dump create: an object of each kind that it knows.</summary>
    PgDump,

    /// <summary>The same of the extension that is made for pg_dump's tests: members that were changed, tables of configuration.</summary>
    Extension,
}

/// <summary>Makes <see cref="PostgresOwn"/> databases.</summary>
internal sealed class PostgresOwnDatabase(int major, TempFolder folder)
{
    private string Source => SourceOf(major);

    public static string? Missing(int major) =>
        PostgresVersions.Missing(major) ?? (File.Exists(Path.Combine(SourceOf(major), "test_pg_dump.sql")) ? null : $"the tests of PostgreSQL {major} are not on this machine: run tests/postgres-source.sh as root");

    private static string SourceOf(int major) => Path.Combine(PostgresVersions.Cache, "source", $"{major}");

    /// <returns>What it printed as errors.</returns>
    public async Task<string> MakeAsync(PostgresOwn what, DatabaseTarget target)
    {
        await PgServer.ExecuteAsync(target.On("postgres"), $"CREATE DATABASE {SqlName.Quote(target.Database)} TEMPLATE template0");
        switch (what)
        {
            case PostgresOwn.Regression:
                await PgServer.ExecuteAsync(target, $"ALTER DATABASE {SqlName.Quote(target.Database)} SET lc_messages TO 'C'; ALTER DATABASE {SqlName.Quote(target.Database)} SET timezone_abbreviations TO 'Default'");
                Directory.CreateDirectory(Path.Combine(folder.Path, "results"));
                foreach (var directory in new[] { folder.Path, Path.Combine(folder.Path, "results") })
                    File.SetUnixFileMode(directory, (UnixFileMode)511);
                var errors = "";
                foreach (var test in File.ReadLines(Path.Combine(Source, "regress", "parallel_schedule")).Where(l => l.StartsWith("test:", StringComparison.Ordinal)).SelectMany(l => l[5..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    // psql before 18 waits for ever for what it does not know.
                    .Where(test => major >= 18 || test != "psql_pipeline"))
                    errors += await PsqlAsync(target, Path.Combine(Source, "regress", "sql", test + ".sql"));
                return errors;
            case PostgresOwn.PgDump:
                return await PsqlAsync(target, Path.Combine(Source, "pg_dump.sql"));
            default:
                var reported = await PsqlAsync(target, Path.Combine(Source, "test_pg_dump.sql"));
                // What was added to an extension by hand is not in its script: nothing can restore what others grant on it.
                await PgServer.ExecuteAsync(target, "ALTER EXTENSION test_pg_dump DROP TABLE regress_pg_dump_table_added");
                return reported;
        }
    }

    /// <summary>As pg_regress runs psql.</summary>
    private async Task<string> PsqlAsync(DatabaseTarget target, string file)
    {
        var environment = new Dictionary<string, string?>(target.ToolEnvironment())
        {
            ["PGTZ"] = "PST8PDT", ["PGDATESTYLE"] = "Postgres, MDY",
            ["PG_ABS_SRCDIR"] = Path.Combine(Source, "regress"), ["PG_ABS_BUILDDIR"] = folder.Path, ["PG_LIBDIR"] = Path.GetFullPath(Path.Combine(PostgresVersions.Programs(major)!, "..", "lib")), ["PG_DLSUFFIX"] = ".so",
        };
        var psql = new ToolCommand(Path.Combine(PostgresVersions.Programs(major)!, "psql"), "-X", "-q", "-f", file) { Environment = environment, WorkingDirectory = folder.Path };
        return (await ToolProcess.RunAsync(psql, CancellationToken.None)).Error;
    }
}
