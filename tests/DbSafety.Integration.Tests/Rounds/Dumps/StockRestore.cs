using System.Text.RegularExpressions;
using DbSafety.Databases.Connections;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Rounds.Dumps;

/// <summary>A dump restored as the manual of PostgreSQL says, with its own tools.</summary>
/// <param name="Database">The database that it is in.</param>
/// <param name="Error">Where it stopped; null: it came to its end.</param>
internal sealed record StockRestore(DatabaseTarget Database, string? Error)
{
    private const string Unnamed = "restored";

    /// <summary>What older versions create and a new database has, roles that a dump of a whole server creates, and what <c>--clean</c> without <c>--if-exists</c> drops.</summary>
    private static readonly Regex Known = new("ERROR:  (schema \"public\" already exists|(extension|language) \"plpgsql\" already exists|role \"[^\"]+\" already exists|database \"[^\"]+\" does not exist)\\s*$");

    /// <summary>The dump created it.</summary>
    public bool IsNamed => Database.Database != Unnamed;

    /// <summary>
    /// psql up to the first error for a script, in a new database or in the one that it creates; for an archive <c>pg_restore --create</c>, or where its locale is not one of this
    /// machine, pg_restore into a new database. What an older pg_dump creates and a new database has already is no error, as for everybody who restores such a dump.
    /// </summary>
    public static async Task<StockRestore> RunAsync(string dump, bool isScript, DatabaseTarget server, CancellationToken ct)
    {
        await PgServer.ExecuteAsync(server, $"CREATE DATABASE {Unnamed} TEMPLATE template0");
        if (isScript)
        {
            var stopped = await ScriptAsync(dump, server.On(Unnamed), stops: true, ct);
            return await EndAsync(server, stopped is not null && IsKnown(stopped) ? await AgainAsync(dump, server, ct) : stopped, ct);
        }

        var created = await ToolAsync("pg_restore", server, ["--create", "--exit-on-error", "--dbname=postgres", dump], ct);
        if (created is null || !created.Contains("locale", StringComparison.Ordinal))
            return await EndAsync(server, created, ct);
        var error = await ToolAsync("pg_restore", server, ["--dbname=" + Unnamed, dump], ct);
        return new StockRestore(server.On(Unnamed), error is null || IsKnown(error) ? null : error);
    }

    private static async Task<string?> AgainAsync(string dump, DatabaseTarget server, CancellationToken ct)
    {
        await PgServer.ExecuteAsync(server, $"DROP DATABASE {Unnamed}");
        await PgServer.ExecuteAsync(server, $"CREATE DATABASE {Unnamed} TEMPLATE template0");
        return await ScriptAsync(dump, server.On(Unnamed), stops: false, ct) is { } error && !IsKnown(error) ? error : null;
    }

    private static bool IsKnown(string output) => output.Split('\n').Where(l => l.Contains("ERROR: ", StringComparison.Ordinal)).All(Known.IsMatch);

    private static async Task<StockRestore> EndAsync(DatabaseTarget server, string? error, CancellationToken ct)
    {
        await using var connection = await server.OpenAsync(ct);
        var named = await connection.ListAsync("SELECT datname FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1', $1)", r => r.GetString(0), ct, Unnamed);
        return new StockRestore(server.On(named.FirstOrDefault() ?? Unnamed), error);
    }

    private static Task<string?> ScriptAsync(string dump, DatabaseTarget database, bool stops, CancellationToken ct) =>
        ToolAsync("psql", database, ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=" + (stops ? 1 : 0), "--dbname=" + database.Database, "--file=" + dump], ct);

    private static async Task<string?> ToolAsync(string program, DatabaseTarget database, string[] arguments, CancellationToken ct)
    {
        var tool = await PgTools.FindAsync(program, 0, ct, preferred: int.MaxValue);
        var result = await ToolProcess.RunAsync(new ToolCommand(tool.Path, arguments) { Environment = database.ToolEnvironment() }, ct);
        return result.ExitCode == 0 && !result.Error.Contains("ERROR: ", StringComparison.Ordinal) ? null : result.Error;
    }
}
