using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Scratch;

namespace DbSafety.Integration.Tests;

/// <summary>What people get wrong, and what they are told: one line with a code, one with a hint, and an exit code.</summary>
[Collection(PgServerGroup.Name)]
public sealed class CommandLineTests(PgServer pg)
{
    [Fact]
    public async Task A_usage_error_names_the_help_of_the_command()
    {
        var result = await Dbsafety.RunAsync("migration", "test", "x", "--severity", "wrong");
        Assert.Equal(2, result.ExitCode);
        Assert.EndsWith("hint: dbsafety migration test --help lists the commands and options\n", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("database", "lst", "-d", "postgres://u:s3cr3t@h/d")]
    [InlineData("database", "lst", "-d", "host=h password='a s3cr3t'")]
    [InlineData("database", "measure", "-d", "host=127.0.0.1 port=1 user=postgres password=s3cr3t dbname=d")]
    [InlineData("database", "measure", "-d", "postgres://u:s3cr3t?x@127.0.0.1:1/d")]
    [InlineData("database", "measure", "-d", "env:postgres://u:s3cr3t@127.0.0.1:1/d")]
    public async Task A_password_on_the_command_line_is_not_printed(params string[] arguments)
    {
        var result = await Dbsafety.RunAsync(arguments);
        Assert.NotEqual(0, result.ExitCode);
        Assert.DoesNotContain("s3cr3t", result.Error + result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_DBS102()
    {
        await using var server = await PasswordServer();
        var url = $"postgres://app:wrong@127.0.0.1:{server.Target.Port}/postgres";

        var wrong = await Dbsafety.RunAsync("database", "measure", "--database-url", url);
        var none = await Dbsafety.RunAsync("database", "measure", "--database-url", url.Replace(":wrong", "", StringComparison.Ordinal));
        var right = await Dbsafety.RunAsync(new Dictionary<string, string?> { ["SHOP_URL"] = url.Replace("wrong", "s3cr3t", StringComparison.Ordinal) }, "database", "measure", "--database-url", "env:SHOP_URL");

        AssertFails(wrong, 5, "DBS102", "login to ");
        AssertFails(none, 5, "DBS102", "none was specified");
        Assert.DoesNotContain("wrong", wrong.Error.Replace("warning", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(0, right.ExitCode);
        Assert.Empty(right.Error);
    }

    [Fact]
    public async Task Help_lines_have_at_most_200_characters()
    {
        var help = await Dbsafety.RunAsync("migration", "test", "--help");
        Assert.All(help.Output.Split('\n'), line => Assert.InRange(line.Length, 0, 200));
    }

    /// <summary>An order that is not certain is shown by list and test, and stops a run until the files have other names.</summary>
    [Fact]
    public async Task An_uncertain_order_of_SQL_files_is_shown_by_list_and_test_and_run_fails_with_DBS484()
    {
        using var folder = new TempFolder();
        var target = await pg.CreateDatabaseAsync("order");
        foreach (var (name, sql) in new[] { ("users_v10.sql", "CREATE TABLE c (id int);"), ("users_v2.sql", "CREATE TABLE b (id int);"), ("orders.sql", "CREATE TABLE o (id int);") })
            await File.WriteAllTextAsync(Path.Combine(folder.Path, name), sql);
        var at = new[] { folder.Path, "--database-url", target.Url("test") };

        var list = await Dbsafety.RunAsync(["migration", "list", .. at]);
        var test = await Dbsafety.RunAsync(["migration", "test", .. at]);
        var run = await Dbsafety.RunAsync(["migration", "run", .. at, "--yes", "--skip-backup", "--skip-rehearsal"]);

        Assert.Equal((0, 0), (list.ExitCode, test.ExitCode));
        Assert.Contains("The order is not certain", list.Output, StringComparison.Ordinal);
        Assert.Contains("not certain", test.Output + test.Error, StringComparison.Ordinal);
        AssertFails(run, 3, "DBS484", "its order among the SQL files is uncertain");
        Assert.False(await PgServer.ScalarAsync<bool>(target, "SELECT to_regclass('b') IS NOT NULL OR to_regclass('c') IS NOT NULL OR to_regclass('o') IS NOT NULL"));
    }

    [Theory]
    [InlineData("0008_a.sql", "0009_b.sql", "000a_c.sql")]
    [InlineData("2024-06-15_a.sql", "2024_b.sql", "2025-01-01_c.sql")]
    [InlineData("pre_deploy.sql", "deploy.sql", "post_deploy.sql")]
    public async Task A_baseline_is_not_recorded_if_the_order_of_the_files_is_uncertain(params string[] names)
    {
        using var folder = new TempFolder();
        var target = await pg.CreateDatabaseAsync("order");
        foreach (var name in names)
            await File.WriteAllTextAsync(Path.Combine(folder.Path, name), $"CREATE TABLE \"{name}\" (id int);");

        var resolve = await Dbsafety.RunAsync(["migration", "resolve", folder.Path, "--baseline", names[1], "--database-url", target.Url("test")]);

        AssertFails(resolve, 3, "DBS484", "its order among the SQL files is uncertain");
        Assert.False(await PgServer.ScalarAsync<bool>(target, "SELECT to_regclass('dbsafety.migrations') IS NOT NULL"));
    }

    [Fact]
    [Hazard("H12")]
    public async Task A_password_in_the_URL_is_warned_about_and_appears_in_no_argument_list_or_file()
    {
        await using var server = await PasswordServer();
        using var folder = new TempFolder();
        using var run = Dbsafety.Start(null, "backup", "create", "--debug", "--database-url", "-", "--destination", folder.Path);
        run.WriteLine($"postgres://app:s3cr3t@127.0.0.1:{server.Target.Port}/postgres");

        var piped = await run.EndAsync();
        var reported = await Dbsafety.RunAsync("database", "measure", "--database-url", $"postgres://app:s3cr3t@127.0.0.1:{server.Target.Port}/postgres");

        Assert.Equal(0, piped.ExitCode);
        Assert.Contains("pg_dump --snapshot", piped.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", piped.Error + piped.Output, StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(folder.Path), f => Assert.DoesNotContain("s3cr3t", File.ReadAllText(f), StringComparison.Ordinal));
        Assert.Contains("warning: the URL on the command line contains a password", reported.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_database_is_DBS103_and_the_hint_lists_the_existing_databases()
    {
        var there = await pg.CreateDatabaseAsync("there");
        var result = await Dbsafety.RunAsync("database", "measure", "--database-url", pg.Target.On("nowhere").ToString());
        AssertFails(result, 5, "DBS103", "database nowhere does not exist");
        Assert.Contains(there.Database, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unreachable_server_is_DBS101() =>
        AssertFails(await Dbsafety.RunAsync("database", "measure", "--database-url", "postgres://x@127.0.0.1:1/x"), 5, "DBS101", "cannot connect to PostgreSQL at 127.0.0.1:1");

    [Fact]
    public async Task An_unavailable_container_engine_is_DBS501() =>
        AssertFails(await Dbsafety.RunAsync(new Dictionary<string, string?> { ["DOCKER_HOST"] = "unix:///nowhere/docker.sock" }, "volume", "test", "db"), 5, "DBS501", "no Docker engine responds");

    [Fact]
    public async Task A_missing_pg_dump_is_DBS110()
    {
        var target = await pg.CreateDatabaseAsync("tools");
        using var folder = new TempFolder();
        using var empty = new TempFolder();
        var result = await Dbsafety.RunAsync(new Dictionary<string, string?> { ["DBSAFETY_PG_BIN"] = empty.Path }, "backup", "create", "--database-url", target.ToString(), "--destination", folder.Path);
        AssertFails(result, 5, "DBS110", "pg_dump was not found");
        Assert.Empty(folder.Names);
    }

    [Fact]
    [Hazard("H7")]
    public async Task A_pg_dump_older_than_the_server_is_DBS111_before_the_backup_starts()
    {
        await using var server = await NewerServer.StartAsync(18);
        using var folder = new TempFolder();
        var result = await Dbsafety.RunAsync("backup", "create", "--database-url", server.Target.ToString(), "--destination", folder.Path);
        AssertFails(result, 5, "DBS111", "is older than the server (PostgreSQL 18");
        Assert.Empty(folder.Names);
    }

    [Fact]
    public async Task A_folder_that_is_not_writable_is_DBS201()
    {
        var target = await pg.CreateDatabaseAsync("unwritable");
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "");
        var result = await Dbsafety.RunAsync("backup", "create", "--database-url", target.ToString(), "--destination", Path.Combine(file, "backups"));
        AssertFails(result, 5, "DBS201", "cannot write to");
    }

    [Theory]
    [InlineData("custom", ".dump.zst")]
    [InlineData("plain", ".sql.zst")]
    [InlineData("directory", ".dir/toc.dat")]
    [Hazard("H2")]
    public async Task A_truncated_dump_is_DBS204_for_test_and_restore(string format, string ending)
    {
        var target = await pg.CreateDatabaseAsync("cut", SampleSql.Shop);
        using var folder = new TempFolder();
        await Dbsafety.RunAsync("backup", "create", "--database-url", target.ToString(), "--destination", folder.Path, "--format", format);
        var manifest = Directory.GetFiles(folder.Path, "*.json").Single();
        await using (var file = File.OpenWrite(manifest[..^".json".Length] + ending))
            file.SetLength(file.Length * 6 / 10);

        AssertFails(await Dbsafety.RunAsync("backup", "test", manifest), 4, "DBS204", "is damaged");
        AssertFails(await Dbsafety.RunAsync("restore", "run", manifest, "--database-url", target.ToString()), 4, "DBS204", "is damaged");
        Assert.Equal(500, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM orders"));
        Assert.Equal(1, await PgServer.ScalarAsync<long>(pg.Target, $"SELECT count(*) FROM pg_database WHERE starts_with(datname, {SqlName.Literal(target.Database)})"));
    }

    [Fact]
    [Hazard("H2")]
    public async Task Every_flipped_bit_of_payload_globals_and_manifest_is_detected()
    {
        var target = await pg.CreateDatabaseAsync("flipped", SampleSql.Shop);
        using var folder = new TempFolder();
        await Dbsafety.RunAsync("backup", "create", "--database-url", target.ToString(), "--destination", folder.Path);
        var manifest = Directory.GetFiles(folder.Path, "*.json").Single();
        Assert.True((await BackupTests.Test(manifest)).Passed);
        var random = new Random(20261120);
        foreach (var path in Directory.GetFiles(folder.Path))
        {
            var whole = await File.ReadAllBytesAsync(path);
            for (var i = 0; i < 14; i++)
            {
                var (bytes, at) = ((byte[])whole.Clone(), random.Next(whole.Length));
                bytes[at] ^= (byte)(1 << random.Next(8));
                await File.WriteAllBytesAsync(path, bytes);
                Assert.False(await Passes(manifest), $"a flipped bit in byte {at} of {Path.GetFileName(path)} was not found");
            }

            await File.WriteAllBytesAsync(path, whole);
        }
    }

    [Fact]
    public async Task A_payload_without_its_manifest_is_not_a_backup()
    {
        var target = await pg.CreateDatabaseAsync("alone", SampleSql.Shop);
        using var folder = new TempFolder();
        await Dbsafety.RunAsync("backup", "create", "--database-url", target.ToString(), "--destination", folder.Path);
        var manifest = Directory.GetFiles(folder.Path, "*.json").Single();
        File.Delete(manifest);
        AssertFails(await Dbsafety.RunAsync("backup", "test", manifest), 5, "DBS203", "no backup found at");
        AssertFails(await Dbsafety.RunAsync("backup", "test", Directory.GetFiles(folder.Path, "*.dump.zst").Single()), 4, "DBS204", "no manifest");
    }

    [Theory]
    [InlineData("backup", "create")]
    [InlineData("backup", "frobnicate")]
    [InlineData("database", "measure", "--database-url")]
    public async Task A_usage_error_is_exit_code_2(params string[] arguments)
    {
        var result = await Dbsafety.RunAsync(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("error:", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task JSON_output_is_an_array_with_the_property_names_of_the_cmdlet()
    {
        var target = await pg.CreateDatabaseAsync("json", SampleSql.Shop);
        using var folder = new TempFolder();
        var created = Json(await Dbsafety.RunAsync("backup", "create", "--json", "--database-url", target.ToString(), "--destination", folder.Path, "--environment", "prod", "--label", "a"));
        Assert.Equal(623, created.GetProperty("Rows").GetInt64());
        Assert.Equal("a", created.GetProperty("Labels")[0].GetString());
        var path = created.GetProperty("Path").GetString()!;
        Assert.True(Json(await Dbsafety.RunAsync("backup", "test", path, "--json")).GetProperty("Passed").GetBoolean());
        Assert.Equal(path, Json(await Dbsafety.RunAsync("backup", "list", folder.Path, "--json")).GetProperty("Path").GetString());
        var restored = Json(await Dbsafety.RunAsync("restore", "run", path, "--database-url", target.ToString(), "--json"));
        Assert.True(restored.GetProperty("Verified").GetBoolean());
        Assert.Equal(target.Database, Json(await Dbsafety.RunAsync("restore", "undo", "--database-url", target.ToString(), "--json")).GetProperty("Database").GetString());
    }

    private static JsonElement Json(DbsafetyResult result)
    {
        Assert.True(result.ExitCode == 0, result.Error);
        return JsonDocument.Parse(result.Output).RootElement[0];
    }

    private static async Task<bool> Passes(string manifest)
    {
        try
        {
            return (await BackupTests.Test(manifest)).Passed;
        }
        catch (DbSafetyException e) when (e.Code == "DBS208")
        {
            return false; // The flipped bit made a newer format of it.
        }
    }

    private static void AssertFails(DbsafetyResult result, int exitCode, string code, string message)
    {
        Assert.True(exitCode == result.ExitCode, $"exit code {result.ExitCode}: {result.Error}");
        var lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => !l.StartsWith("warning:", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, lines.Count);
        Assert.StartsWith($"error {code}: ", lines[0], StringComparison.Ordinal);
        Assert.Contains(message, lines[0], StringComparison.Ordinal);
        Assert.StartsWith("hint: ", lines[1], StringComparison.Ordinal);
        Assert.True(lines[1].Length > 10);
    }

    private static async Task<PasswordProtected> PasswordServer()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None, "listen_addresses=127.0.0.1", $"port={port}");
        var local = server.Target with { Port = port };
        await PgServer.ExecuteAsync(local, "CREATE ROLE app LOGIN SUPERUSER PASSWORD 's3cr3t'");
        var rules = Path.Combine(server.DataFolder, "pg_hba.conf");
        await File.WriteAllTextAsync(rules, "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n");
        await PgServer.ExecuteAsync(local, "SELECT pg_reload_conf()");
        return new PasswordProtected(server, local);
    }

    private sealed record PasswordProtected(ScratchServer Server, DatabaseTarget Target) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
