using System.Globalization;
using DbSafety.Benchmarks;
using DbSafety.Operations;
using DbSafety.Scratch;

// dotnet run -c Release --project tests/DbSafety.Benchmarks -- [megabytes] [copies of three tables]
// dotnet run -c Release --project tests/DbSafety.Benchmarks -- growth [most megabytes] [most tables]
// dotnet run -c Release --project tests/DbSafety.Benchmarks -- analysis FOLDER [path of squawk]
if (args is ["analysis", var sql, ..])
{
    await new AnalysisSpeed(Path.GetFullPath(sql), args.ElementAtOrDefault(2)).RunAsync();
    return;
}

var isGrowth = args is ["growth", ..];
var numbers = args.Skip(isGrowth ? 1 : 0).Select(a => int.Parse(a, CultureInfo.InvariantCulture)).ToList();

await using var server = await ScratchServer.StartAsync(null, OperationEvents.None, CancellationToken.None, "autovacuum=off", "shared_buffers=512MB", "max_locks_per_transaction=1024");
var folder = Directory.CreateTempSubdirectory("dbsafety-benchmark-");
try
{
    if (isGrowth)
        await new Growth(server, folder.FullName).RunAsync(numbers.ElementAtOrDefault(0) is > 0 and var bytes ? bytes : 5000, numbers.ElementAtOrDefault(1) is > 0 and var tables ? tables : 5000);
    else
        await new SideBySide(server, await SampleDatabase.CreateAsync(server.Target, "bench", numbers.Count > 0 ? numbers[0] : 1200, numbers.Count > 1 ? numbers[1] : 1), folder.FullName).RunAsync();
}
finally
{
    folder.Delete(recursive: true);
}
