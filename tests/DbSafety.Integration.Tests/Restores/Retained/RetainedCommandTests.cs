using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using DbSafety.Databases.Connections;

namespace DbSafety.Integration.Tests.Restores.Retained;

/// <summary>Retained databases and the way back on the command line.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed partial class RetainedCommandTests(PgServer pg)
{
    [Fact]
    public async Task The_undo_of_each_result_is_a_command_that_returns_to_the_state_before()
    {
        var target = await pg.CreateDatabaseAsync("wayback", "CREATE TABLE t AS SELECT 1 AS id");
        using var folder = new TempFolder();
        var url = target.ToString();
        File.WriteAllText(Path.Combine(folder.Path, "001_more.sql"), "INSERT INTO t SELECT generate_series(2, 5);");
        var run = await OneAsync("migration", "run", folder.Path, "--database-url", url, "--destination", Path.Combine(folder.Path, "backups"), "--skip-rehearsal");
        Assert.Equal(5, await RowsAsync(target));
        Assert.Contains("t: 4 inserted, 0 updated, 0 deleted", run.GetProperty("Undo").GetProperty("Discards").GetString(), StringComparison.Ordinal);

        var restored = await UndoAsync(run);
        Assert.Equal(1, await RowsAsync(target));
        // An env file has the password that the command must not show, unless its database was replaced by an option.
        var file = Path.Combine(folder.Path, ".env");
        File.WriteAllText(file, $"DATABASE_URL={url}");
        Assert.Contains($"--env-file \"{file}\"", (await OneAsync("retained", "list", target.Database, "--env-file", file)).GetProperty("Undo").GetProperty("Command").GetString(), StringComparison.Ordinal);
        var undone = await UndoAsync(restored);
        Assert.Equal(5, await RowsAsync(target));
        await UndoAsync(undone);
        Assert.Equal(1, await RowsAsync(target));
        var listed = await OneAsync("retained", "list", target.Database, "--database-url", url);
        Assert.Equal(("Undo", true), (listed.GetProperty("By").GetString(), listed.GetProperty("CanUndo").GetBoolean()));
        await UndoAsync(listed);
        Assert.Equal(5, await RowsAsync(target));
    }

    [Fact]
    public async Task A_removal_asks_first_and_a_list_of_databases_leaves_retained_databases_out()
    {
        var target = await pg.CreateDatabaseAsync("removal", "CREATE TABLE t AS SELECT 1 AS id");
        using var folder = new TempFolder();
        string[] url = ["--database-url", target.ToString()];
        var backup = await OneAsync(["backup", "create", "--destination", folder.Path, .. url]);
        var name = (await OneAsync(["restore", "run", backup.GetProperty("Path").GetString()!, .. url])).GetProperty("RetainedAs").GetString()!;

        Assert.Equal([target.Database], await NamesAsync(["database", "list", target.Database + "*", .. url], "Database"));
        Assert.Equal([target.Database, name], await NamesAsync(["database", "list", target.Database + "*", "--include-retained", .. url], "Database"));
        Assert.Equal([name], await NamesAsync(["retained", "remove", name, "--what-if", .. url], "Name"));
        Assert.Empty(await NamesAsync(["retained", "remove", "--keep-days", "1", "--of", target.Database, "--yes", .. url], "Name"));
        var refused = await Dbsafety.RunAsync(["retained", "remove", name, .. url]);
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("DBS901", refused.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await Dbsafety.RunAsync(["retained", "remove", "--yes", .. url])).ExitCode);
        var removed = await Dbsafety.RunAsync(["retained", "remove", name, "--yes", .. url]);
        Assert.StartsWith("dropped  ", removed.Output, StringComparison.Ordinal);
        Assert.EndsWith("retained by Restore, 0 sessions\n", removed.Output, StringComparison.Ordinal);
        Assert.Empty(await NamesAsync(["retained", "list", target.Database, .. url], "Name"));
        var removal = await OneAsync("log", "--database", target.Database, "--operation", "retained remove");
        Assert.Equal($"dropped {name}", removal.GetProperty("Evidence")[0].GetString());
        var restore = await OneAsync("log", "--database", target.Database, "--operation", "restore run");
        Assert.Contains($"--to \"{name}\"", restore.GetProperty("Undo").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_begin_with_an_at_sign_are_names_and_not_files_with_arguments()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "arguments");
        File.WriteAllText(file, "--help");

        var result = await Dbsafety.RunAsync("retained", "list", "@" + file, "--json", "--database-url", pg.Target.ToString());

        Assert.Equal((0, "[]"), (result.ExitCode, result.Output.Trim()));
    }

    [Fact]
    public async Task A_restore_whose_output_cannot_be_written_is_reported_on_standard_error_with_its_undo_and_exits_with_6()
    {
        var target = await pg.CreateDatabaseAsync("full", "CREATE TABLE t AS SELECT 1 AS id");
        using var folder = new TempFolder();
        var backup = await OneAsync("backup", "create", "--destination", folder.Path, "--database-url", target.ToString());
        string[] restore = ["restore", "run", backup.GetProperty("Path").GetString()!, "--database-url", target.ToString()];

        var full = await ShellAsync("exec \"$@\" > /dev/full", restore);
        Assert.Equal(6, full.ExitCode);
        var retained = (await NamesAsync(["retained", "list", target.Database, "--database-url", target.ToString()], "Name")).Single();
        Assert.Contains($"to undo: dbsafety restore undo --to \"{retained}\"", full.Error, StringComparison.Ordinal);
        Assert.Contains("error DBS346: the output could not be written: No space left on device", full.Error, StringComparison.Ordinal);
        Assert.Equal(6, (await ShellAsync("exec \"$@\" > /dev/full 2> /dev/full", restore)).ExitCode);
        Assert.Contains("Bad file descriptor", (await ShellAsync("exec \"$@\" >&-", ["retained", "list", "--database-url", target.ToString()])).Error, StringComparison.Ordinal);
        Assert.Equal(2, (await NamesAsync(["retained", "list", target.Database, "--database-url", target.ToString()], "Name")).Count());
    }

    private static async Task<(int ExitCode, string Error)> ShellAsync(string script, string[] arguments)
    {
        var info = new ProcessStartInfo("sh", ["-c", script, "sh", "dotnet", Path.Combine(AppContext.BaseDirectory, "dbsafety.dll"), .. arguments]) { RedirectStandardError = true };
        using var process = Process.Start(info)!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, error);
    }

    /// <summary>Runs the command of a result as it stands.</summary>
    private static Task<JsonElement> UndoAsync(JsonElement result)
    {
        var words = Words().Matches(result.GetProperty("Undo").GetProperty("Command").GetString()!).Select(m => m.Value.Trim('"')).ToArray();
        Assert.Equal("dbsafety", words[0]);
        return OneAsync(words[1..]);
    }

    private static async Task<JsonElement> OneAsync(params string[] arguments) => (await AllAsync(arguments)).Single();

    private static async Task<IEnumerable<string?>> NamesAsync(string[] arguments, string property) => (await AllAsync(arguments)).Select(o => o.GetProperty(property).GetString());

    private static async Task<IEnumerable<JsonElement>> AllAsync(string[] arguments)
    {
        var result = await Dbsafety.RunAsync([.. arguments, "--json"]);
        Assert.True(result.ExitCode == 0, result.Error);
        return JsonDocument.Parse(result.Output).RootElement.EnumerateArray();
    }

    private static Task<long> RowsAsync(DatabaseTarget target) => PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM t");

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Words();
}
