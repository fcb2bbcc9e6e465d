using System.IO.Compression;
using DbSafety.Databases.Connections;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Backups;

/// <summary>Makes dumps the way people do, without DbSafety.</summary>
internal static class ForeignDumps
{
    /// <summary>Shapes by name; the arguments are pg_dump's, the ending says what is done with its output.</summary>
    public static IReadOnlyDictionary<string, (string File, string[] Arguments)> Shapes { get; } = new Dictionary<string, (string, string[])>
    {
        ["custom"] = ("shop.dump", ["-Fc"]),
        ["custom not packed"] = ("shop.dump", ["-Fc", "-Z0"]),
        ["custom through a pipe"] = ("shop.piped", ["-Fc"]),
        ["custom with inserts"] = ("shop.dump", ["-Fc", "--inserts"]),
        ["custom in gzip"] = ("shop.dump.gz", ["-Fc", "-Z0"]),
        ["custom in zstd"] = ("shop.dump.zst", ["-Fc", "-Z0"]),
        ["tar"] = ("shop.tar", ["-Ft"]),
        ["tar in gzip"] = ("shop.tar.gz", ["-Ft"]),
        ["directory"] = ("shop.d", ["-Fd"]),
        ["directory not packed"] = ("shop.d", ["-Fd", "-Z0"]),
        ["plain"] = ("shop.sql", []),
        ["plain in gzip"] = ("shop.sql.gz", []),
        ["plain in zstd"] = ("shop.sql.zst", []),
        ["plain packed by pg_dump"] = ("shop.sql", ["-Z6"]),
        ["plain with inserts"] = ("shop.sql", ["--inserts"]),
        ["plain with many rows an insert"] = ("shop.sql", ["--rows-per-insert=7", "--column-inserts"]),
        ["plain with clean"] = ("shop.sql", ["--clean"]),
        ["plain with clean if exists"] = ("shop.sql", ["--clean", "--if-exists"]),
        ["plain with create"] = ("shop.sql", ["--create"]),
        ["plain with clean and create"] = ("shop.sql", ["--clean", "--create"]),
    };

    public static async Task<string> MakeAsync(string shape, DatabaseTarget target, string folder)
    {
        var (file, arguments) = Shapes[shape];
        var path = Path.Combine(folder, file);
        if (!file.EndsWith(".gz", StringComparison.Ordinal) && !file.EndsWith(".zst", StringComparison.Ordinal) && !file.EndsWith(".piped", StringComparison.Ordinal))
        {
            await RunAsync("pg_dump", target, ["--file=" + path, .. arguments]);
            return path;
        }

        await using var output = File.Create(path);
        if (file.EndsWith(".zst", StringComparison.Ordinal))
        {
            var inner = path[..^".zst".Length];
            await RunAsync("pg_dump", target, ["--file=" + inner, .. arguments]);
            (await ToolProcess.RunAsync(new ToolCommand("zstd", "-q", "--rm", "-f", inner), CancellationToken.None)).OrThrow();
            return path;
        }

        await using Stream target2 = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(output, CompressionLevel.Fastest) : output;
        await RunAsync("pg_dump", target, arguments, target2);
        return path;
    }

    public static async Task RunAsync(string program, DatabaseTarget target, string[] arguments, Stream? output = null)
    {
        var tool = await PgTools.FindAsync(program, 0, CancellationToken.None);
        var command = new ToolCommand(tool.Path, arguments) { Environment = target.ToolEnvironment() };
        (await ToolProcess.RunAsync(command, (stream, token) => stream.CopyToAsync(output ?? Stream.Null, token), null, CancellationToken.None)).OrThrow();
    }
}
