using System.Globalization;
using DbSafety.Benchmarks;
using DbSafety.Operations;
using DbSafety.Scratch;

// dotnet run -c Release --project tests/DbSafety.Benchmarks -- [megabytes] [tables]
// dotnet run -c Release --project tests/DbSafety.Benchmarks -- analysis FOLDER [path of squawk]
if (args is ["analysis", var sql, ..])
{
    await new AnalysisSpeed(Path.GetFullPath(sql), args.ElementAtOrDefault(2)).RunAsync();
    return;
}

var megabytes = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1200;
var tables = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1;

await using var server = await ScratchServer.StartAsync(null, OperationEvents.None, CancellationToken.None, "autovacuum=off", "shared_buffers=512MB", "max_locks_per_transaction=1024");
var folder = Directory.CreateTempSubdirectory("dbsafety-benchmark-");
try
{
    var database = await SampleDatabase.CreateAsync(server.Target, megabytes, tables);
    await new SideBySide(server, database, folder.FullName).RunAsync();
}
finally
{
    folder.Delete(recursive: true);
}
