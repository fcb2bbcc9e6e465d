using DbSafety.Databases.Connections;
using DbSafety.Scratch;

namespace DbSafety.Benchmarks;

/// <summary>Stock pipelines and ours in turn, on the same data, everything synced to disk.</summary>
internal sealed class SideBySide(ScratchServer server, DatabaseTarget database, string folder)
{
    private readonly IReadOnlyDictionary<string, string?> environment = database.ToolEnvironment();
    private readonly Dictionary<string, double> seconds = [];

    public async Task RunAsync()
    {
        Console.WriteLine($"PostgreSQL {server.Major}, {Environment.ProcessorCount} cores");
        await using (var connection = await database.OpenAsync(CancellationToken.None))
            Console.WriteLine($"database: {await connection.ScalarAsync<long>("SELECT pg_database_size(current_database())", CancellationToken.None) / 1e6:N0} MB");
        await Shell("bare pg_dump", "pg_dump > /dev/null", null);
        await Shell("pg_dump | gzip", "pg_dump | gzip > dump.sql.gz && sync dump.sql.gz", "dump.sql.gz");
        await Shell("pg_dump -Fc", "pg_dump -Fc -f dump.custom && sync dump.custom", "dump.custom");
        await Shell("pg_dump -Fd -j2 -Z1", "pg_dump -Fd -j2 -Z1 -f dump.dir && sync dump.dir/*", "dump.dir");
        await Shell("pg_dump | zstd -T0", "pg_dump | zstd -q -T0 > dump.sql.zst && sync dump.sql.zst", "dump.sql.zst");
        foreach (var format in new[] { "custom", "plain", "directory" })
            await Ours($"ours: backup {format}", "backup", "create", "--destination", Path.Combine(folder, format), "--format", format);
        Ratio("ours: backup custom", "pg_dump | zstd -T0");
        Ratio("pg_dump | gzip", "ours: backup custom");
        await TestAsync();
        await RestoreAsync();
    }

    private async Task TestAsync()
    {
        foreach (var format in new[] { "custom", "plain", "directory" })
            await Ours($"ours: test {format}", "backup", "test", Manifest(format));
        await using var dump = await ToolOutputAsync();
        Console.WriteLine($"  offline test: {dump.Length / 1e6 / seconds["ours: test custom"]:N0} MB of dump a second");
    }

    private async Task RestoreAsync()
    {
        await Shell("gunzip | psql", "createdb r1 && gunzip -c dump.sql.gz | psql -q -X -d r1 > /dev/null && dropdb r1", null);
        await Shell("pg_restore -j2 of -Fd", "createdb r2 && pg_restore -j2 -d r2 dump.dir && dropdb r2", null);
        foreach (var format in new[] { "custom", "plain", "directory" })
            await Ours($"ours: restore {format}, verified, swapped", "restore", "run", Manifest(format));
        Ratio("ours: restore custom, verified, swapped", "pg_restore -j2 of -Fd");
        Ratio("ours: restore directory, verified, swapped", "pg_restore -j2 of -Fd");
        Ratio("gunzip | psql", "ours: restore custom, verified, swapped");
    }

    private string Manifest(string format) => Directory.GetFiles(Path.Combine(folder, format), "*.json").Single();

    private async Task<FileStream> ToolOutputAsync()
    {
        await Measured.RunAsync(environment, "sh", "-c", $"cd '{folder}' && pg_dump -Fc -Z0 -f raw");
        return File.OpenRead(Path.Combine(folder, "raw"));
    }

    private async Task Shell(string name, string script, string? result)
    {
        var measured = await Measured.RunAsync(environment, "sh", "-c", $"cd '{folder}' && {script}");
        Row(name, measured, result is null ? 0 : Size(Path.Combine(folder, result)));
    }

    private async Task Ours(string name, params string[] arguments)
    {
        var measured = await Measured.RunAsync(environment, "dotnet", [Path.Combine(AppContext.BaseDirectory, "dbsafety.dll"), .. arguments]);
        var size = arguments is ["backup", "create", ..] ? Size(arguments[3]) : 0;
        Row(name, measured, size);
    }

    private void Row(string name, Measured measured, long bytes)
    {
        seconds[name] = measured.Time.TotalSeconds;
        Console.WriteLine($"{name,-44}{measured.Time.TotalSeconds,8:0.00} s{(bytes > 0 ? $"{bytes / 1e6,10:N1} MB" : "")}{(name.StartsWith("ours", StringComparison.Ordinal) ? $"   peak {measured.PeakBytes / 1e6:N0} MB" : "")}");
    }

    private void Ratio(string first, string second) =>
        Console.WriteLine($"  {first} = {seconds[first] / seconds[second]:0.00} x {second}");

    private static long Size(string path) =>
        File.Exists(path) ? new FileInfo(path).Length : Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length);
}
