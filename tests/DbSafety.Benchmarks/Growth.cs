using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Scratch;

namespace DbSafety.Benchmarks;

/// <summary>What backup, test and restore cost as a database grows, and as its tables multiply, each beside the stock tools.</summary>
internal sealed class Growth(ScratchServer server, string folder)
{
    private static readonly (int Megabytes, int Tables)[] Rounds = [(100, 3), (1200, 3), (5000, 3), (100, 102), (100, 5001)];

    private sealed record Row(int Tables, double Database, Measured Dump, Measured Backup, double Size, Measured Test, Measured PgRestore, Measured Restore);

    /// <param name="megabytes">Larger rounds are left out.</param>
    /// <param name="tables">Rounds with more are left out, but for the few that a copy of the sample has too many.</param>
    public async Task RunAsync(int megabytes, int tables)
    {
        Console.WriteLine($"PostgreSQL {server.Major}, {Environment.ProcessorCount} cores; seconds, and the most memory one of our processes had");
        Console.WriteLine("tables  database |  dump|zstd    backup          set   peak |  test   peak | pg_restore   restore          peak");
        var rows = new List<Row>();
        foreach (var round in Rounds.Where(r => r.Megabytes <= megabytes && r.Tables <= tables + SampleDatabase.TablesPerCopy))
        {
            rows.Add(await RoundAsync(round.Megabytes, round.Tables));
            Print(rows[^1]);
        }

        if (rows.Where(r => r.Tables > SampleDatabase.TablesPerCopy).ToList() is [var few, var many])
            PrintPerTable(few, many);
    }

    private async Task<Row> RoundAsync(int megabytes, int tables)
    {
        var target = await SampleDatabase.CreateAsync(server.Target, $"growth_{megabytes}_{tables}", megabytes, tables / SampleDatabase.TablesPerCopy);
        var (environment, place) = (target.ToolEnvironment(), Directory.CreateDirectory(Path.Combine(folder, target.Database)).FullName);
        await using var connection = await target.OpenAsync(CancellationToken.None);
        var bytes = await connection.ScalarAsync<long>("SELECT pg_database_size(current_database())", CancellationToken.None);
        await connection.CloseAsync();

        var dump = await Stock("pg_dump | zstd -q -T0 > dump.zst && sync dump.zst && rm dump.zst");
        var backup = await Ours("backup", "create", "--destination", place);
        var manifest = Directory.GetFiles(place, "*.json").Single();
        var test = await Ours("backup", "test", manifest);
        await Stock("pg_dump -Fd -j2 -Z1 -f dump.dir");
        var pgRestore = await Stock($"createdb stock && pg_restore -j2 -d stock dump.dir && dropdb stock && rm -r dump.dir");
        var restore = await Ours("restore", "run", manifest);
        var set = Directory.GetFiles(place).Sum(f => new FileInfo(f).Length);
        await DropAsync(target.Database);
        Directory.Delete(place, recursive: true);
        return new Row(tables, bytes / 1e6, dump, backup, set / 1e6, test, pgRestore, restore);

        Task<Measured> Stock(string script) => Measured.RunAsync(environment, "sh", "-c", $"cd '{place}' && {script}");
        Task<Measured> Ours(params string[] arguments) => Measured.RunAsync(environment, "dotnet", [Path.Combine(AppContext.BaseDirectory, "dbsafety.dll"), .. arguments]);
    }

    /// <summary>The database, and the one that its restore kept.</summary>
    private async Task DropAsync(string database)
    {
        await using var connection = await server.Target.OpenAsync(CancellationToken.None);
        foreach (var name in await connection.ListAsync("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", r => r.GetString(0), CancellationToken.None, database))
            await connection.ExecuteAsync($"DROP DATABASE {SqlName.Quote(name)}", CancellationToken.None);
    }

    private static void Print(Row row) => Console.WriteLine(
        $"{row.Tables,6} {row.Database,6:N0} MB | {Seconds(row.Dump)} {Seconds(row.Backup)} ({Ratio(row.Backup, row.Dump)}) {row.Size,6:N0} MB {Peak(row.Backup)} | {Seconds(row.Test)} {Peak(row.Test)} | {Seconds(row.PgRestore)} {Seconds(row.Restore)} ({Ratio(row.Restore, row.PgRestore)}) {Peak(row.Restore)}");

    private static void PrintPerTable(Row few, Row many)
    {
        var tables = many.Tables - few.Tables;
        double Each(Func<Row, Measured> what) => (what(many).Time - what(few).Time).TotalMilliseconds / tables;
        Console.WriteLine($"milliseconds a table: pg_dump {Each(r => r.Dump):0.00}, backup {Each(r => r.Backup):0.00}, test {Each(r => r.Test):0.00}, pg_restore {Each(r => r.PgRestore):0.00}, restore {Each(r => r.Restore):0.00}");
    }

    private static string Seconds(Measured measured) => $"{measured.Time.TotalSeconds,8:0.00}";

    private static string Ratio(Measured ours, Measured stock) => $"{ours.Time / stock.Time:0.00} x";

    private static string Peak(Measured measured) => $"{measured.PeakBytes / 1e6,4:N0} MB";
}
