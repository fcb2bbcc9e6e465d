using System.Collections.Concurrent;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Connections.Text;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Databases.Connections;

/// <summary>Where our sessions go, and how safe the way is, with psql as the judge.</summary>
[Collection(PgServerGroup.Name)]
public sealed partial class ConnectionSafetyTests(TlsServer server) : IClassFixture<TlsServer>, IDisposable
{
    private const int AtOnce = 4;

    public void Dispose() => ProcessVariables.Use(null);

    [Fact]
    public async Task Each_sslmode_with_each_root_certificate_connects_and_encrypts_as_psql_or_is_rejected()
    {
        var texts = (from role in new[] { "guest", "secure", "plain" }
                     from mode in new[] { "", "disable", "allow", "prefer", "require", "verify-ca", "verify-full" }
                     from root in new[] { "", server.Authority, server.OtherAuthority }
                     from host in new[] { "localhost", "127.0.0.1" }
                     where role != "plain" || host == "localhost"
                     select $"host={host} port={server.Port} user={role} dbname=shop{(mode.Length > 0 ? " sslmode=" + mode : "")}{(root.Length > 0 ? $" sslrootcert='{root}'" : "")}").ToList();
        var wrong = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(texts, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (text, _) =>
        {
            var (ours, psqls) = (await TlsServer.AskOursAsync(() => server.Parse(text)), await server.AskPsqlAsync(text));
            // psql goes on in the clear where an authority that was named has not signed the certificate.
            var isStricter = text.Contains(server.OtherAuthority, StringComparison.Ordinal) && psqls.Contains(" clear ", StringComparison.Ordinal) && (text.Contains("=prefer", StringComparison.Ordinal) || !text.Contains("sslmode", StringComparison.Ordinal));
            if (ours != (isStricter ? "refused" : psqls))
                wrong.Add($"{text}: {ours}, psql {psqls}");
        });
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong.Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("?ssl=true")]
    [InlineData("?ssl=require")]
    [InlineData("?sslmode=no-verify")]
    [InlineData("?channel_binding=require")]
    [InlineData("?sslmode=prefer&sslaccept=strict")]
    [InlineData("?sslmode=requiree")]
    public async Task URL_that_requests_TLS_never_connects_without_TLS(string settings) =>
        Assert.Equal("refused", await TlsServer.AskOursAsync(() => server.Parse(server.Url("plain", "shop", settings))));

    [Fact]
    public async Task Required_channel_binding_is_used_or_rejected_as_in_psql()
    {
        foreach (var role in new[] { "app:s3cret", "old:s3cret", "secure", "guest" })
        {
            var url = server.Url(role, "shop", "?sslmode=require&channel_binding=require");
            var ours = await TlsServer.AskOursAsync(() => server.Parse(url));
            Assert.Equal((role, await server.AskPsqlAsync(url)), (role, ours));
            Assert.Equal(role.StartsWith("app", StringComparison.Ordinal), ours != "refused");
        }
    }

    [Fact]
    public async Task Rejected_certificate_raises_DBS128_with_the_reason()
    {
        var error = await Assert.ThrowsAsync<DbSafetyException>(() => server.Parse(server.Url("guest", "shop", $"?sslmode=verify-full&sslrootcert={server.OtherAuthority}")).OpenAsync(CancellationToken.None));
        Assert.Equal("DBS128", error.Code);
        Assert.Contains(server.OtherAuthority, error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<DbSafetyException>(() => server.Parse($"postgres://guest@127.0.0.1:{server.Port}/shop?sslmode=verify-full&sslrootcert={server.Authority}").OpenAsync(CancellationToken.None));
        Assert.True(error.Message.Contains("does not match host name 127.0.0.1", StringComparison.Ordinal), error.Message);
        error = await Assert.ThrowsAsync<DbSafetyException>(() => server.Parse(server.Url("guest", "shop", "?sslrootcert=system")).OpenAsync(CancellationToken.None));
        Assert.True(error.Code == "DBS128", error.ToString());
    }

    [Fact]
    public async Task Backup_uses_the_same_TLS_and_authentication_settings_as_other_sessions()
    {
        using var folder = new TempFolder();
        await PgServer.ExecuteAsync(server.Target.On("shop"), "CREATE TABLE IF NOT EXISTS t (id int); GRANT SELECT ON t TO secure, app, certified, guest");
        foreach (var (role, settings) in new[] { ("secure", $"?sslmode=verify-full&sslrootcert={server.Authority}"), ("app:s3cret", "?channel_binding=require"), ("certified", $"?sslmode=require&sslcert={Path.Combine(server.Folder, "client.crt")}&sslkey={Path.Combine(server.Folder, "client.key")}") })
        {
            var backup = await new BackupDatabase().RunAsync(new BackupRequest(server.Parse(server.Url(role, "shop", settings)), folder.Path), OperationEvents.None, CancellationToken.None);
            Assert.Equal("shop", backup.Database);
        }
    }

    [Fact]
    public async Task Connection_selects_the_host_that_matches_target_session_attrs_and_fails_with_DBS129_if_none_matches()
    {
        var hosts = $"postgres://guest@localhost:1,localhost:{server.Port}/shop?target_session_attrs=";
        Assert.Equal(server.Port, (await new ChooseServer().RunAsync(server.Parse(hosts + "primary"), OperationEvents.None, CancellationToken.None)).Port);
        Assert.Equal(server.Port, (await new ChooseServer().RunAsync(server.Parse(hosts + "prefer-standby"), OperationEvents.None, CancellationToken.None)).Port);
        var error = await Assert.ThrowsAsync<DbSafetyException>(() => new ChooseServer().RunAsync(server.Parse(hosts + "standby"), OperationEvents.None, CancellationToken.None));
        Assert.Equal("DBS129", error.Code);
        error = await Assert.ThrowsAsync<DbSafetyException>(() => server.Parse(hosts + "primary").OpenAsync(CancellationToken.None));
        Assert.Equal("DBS129", error.Code);
    }

    [Fact]
    public async Task Documented_connections_resolve_as_in_psql_and_env_files_parse_as_in_dotenv()
    {
        ConnectionTable.WriteFiles(server.Folder, Place);
        var rows = ConnectionTable.Read(Repository.Folder("docs/connections.md")).Where(r => r.Judge != "not asked").ToList();
        var values = await DotenvAsync(rows.Where(r => r.IsEnvFile).ToList());
        var wrong = new ConcurrentBag<string>();
        // The role's password is what we have read: psql logs in if it reads the same.
        await Parallel.ForEachAsync(rows.Where(r => !r.Result.StartsWith("app:", StringComparison.Ordinal)), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (row, _) => await JudgeAsync(row));
        foreach (var row in rows.Where(r => r.Result.StartsWith("app:", StringComparison.Ordinal)))
        {
            await PgServer.ExecuteAsync(server.Target, $"ALTER ROLE app PASSWORD {SqlName.Literal(ConnectionTable.Resolve(row, server.Folder, Place).Password!)}");
            await JudgeAsync(row);
        }

        await PgServer.ExecuteAsync(server.Target, "ALTER ROLE app PASSWORD 's3cret'");
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong.Order(StringComparer.Ordinal)));

        async Task JudgeAsync(ConnectionRow row)
        {
            var text = row.IsEnvFile ? values[row.Number] : row.Text == "nothing" ? null : Place(row.Judge is "same" or "refuses" ? row.Text : row.Judge);
            var environment = row.Environment.ToDictionary(e => e.Key, e => Place(e.Value), StringComparer.Ordinal);
            var psqls = await server.AskPsqlAsync(text, environment);
            var ours = await TlsServer.AskOursAsync(() => ConnectionTable.Resolve(row, server.Folder, Place));
            if (ours != psqls || (row.Judge == "refuses") != (psqls == "refused"))
                wrong.Add($"{row}: {ours}, psql {psqls}");
        }
    }

    /// <summary>Texts and environments that contradict each other; SOCKET, PORT and OTHER stand for the server's.</summary>
    private static readonly (string Text, string Variables)[] Contradictions =
    [
        ("host=localhost port=PORT user=guest dbname=shop application_name=a\u00a0dbname=guest", ""),
        ("postgres://guest@localhost:PORT/caf%E9", ""),
        ("postgres://guest@x@localhost:1,localhost:1/shop", ""),
        ("host=SOCKET hostaddr=127.0.0.1 port=PORT user=secure dbname=shop sslmode=require", ""),
        ("host=SOCKET hostaddr=127.0.0.1 port=PORT user=guest dbname=shop sslmode=verify-full sslrootcert=OTHER", ""),
        ("port=PORT user=secure dbname=shop sslmode=require", "PGHOST=SOCKET PGHOSTADDR=127.0.0.1"),
        ("host=localhost port=PORT user=guest dbname=shop requiressl=1", "PGSSLMODE=disable"),
        ("host=localhost port=PORT user=guest dbname=shop sslmode=disable requiressl=1", ""),
        ("host=localhost port=PORT user=guest dbname=shop requiressl=1 sslmode=disable", ""),
        ("host=localhost port=PORT user=guest dbname=shop", "PGREQUIRESSL=1"),
        ("host=localhost port=PORT user=guest dbname=shop", "PGREQUIRESSL=1 PGSSLMODE=disable"),
        ("host=localhost:1 port=PORT user=guest dbname=shop", ""),
        ("host=localhost:PORT port=1 user=guest dbname=shop", ""),
        ("hostaddr=[127.0.0.1]:PORT port=1 user=guest dbname=shop", ""),
        ("postgres://guest@localhost%3APORT:1/shop", ""),
        ("user=guest dbname=shop", "PGHOST=localhost:PORT PGPORT=1"),
        ("postgres://guest@localhost:PORT//shop", ""),
        ("host=localhost port=PORT user=guest dbname=shop;", ""),
        ("password=x host=localhost port=PORT user=guest dbname=shop;", ""),
        ("host=localhost port=PORT user=app dbname=shop password=''", "PGPASSWORD=s3cret"),
        ("host=localhost port=PORT user=app dbname=shop", "PGPASSWORD=s3cret"),
        ("host=localhost port=PORT user=app dbname=shop passfile=/none", "PGPASSFILE=PASSFILE"),
        ("host=localhost port=PORT user=app dbname=shop", "PGPASSFILE=PASSFILE"),
        ("host=localhost port=PORT user=app dbname=shop", "PGPASSFILE=OPENFILE"),
        ("host=localhost port=PORT user=guest dbname=shop options=''", "PGOPTIONS=-cfoo"),
        ("host=localhost port=PORT user=guest dbname=frozen target_session_attrs=read-only", ""),
        ("host=localhost port=PORT user=guest dbname=frozen target_session_attrs=read-write", ""),
        ("host=localhost port=PORT user=guest dbname=shop target_session_attrs=read-only options='-c default_transaction_read_only=on'", ""),
        ("host=localhost port=PORT user=guest dbname=shop target_session_attrs=read-write", ""),
    ];

    [Fact]
    public async Task Contradictory_connection_settings_resolve_as_in_psql()
    {
        await PgServer.ExecuteAsync(server.Target, "CREATE DATABASE frozen TEMPLATE template0");
        await PgServer.ExecuteAsync(server.Target, "ALTER DATABASE frozen SET default_transaction_read_only = on");
        foreach (var (name, mode) in new[] { ("passfile", (UnixFileMode)0b110_000_000), ("openfile", (UnixFileMode)0b110_100_100) })
        {
            await File.WriteAllTextAsync(Path.Combine(server.Folder, name), "*:*:*:*:s3cret\n");
            File.SetUnixFileMode(Path.Combine(server.Folder, name), mode);
        }

        var wrong = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(Contradictions, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (pair, _) =>
        {
            var (text, environment) = (Filled(pair.Text), pair.Variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(v => Filled(v).Split('=', 2)).ToDictionary(v => v[0], v => v[1], StringComparer.Ordinal));
            // Npgsql reads the process's own environment, so that ours is asked in a process of its own.
            var ours = await Dbsafety.RunAsync(
                new Dictionary<string, string?>(environment.Select(e => KeyValuePair.Create(e.Key, (string?)e.Value))) { ["HOME"] = server.Folder, ["DBURL"] = text }, "database", "measure", "--json", "--database-url", "env:DBURL");
            var psqls = await server.AskPsqlAsync(text, environment);
            if (ours.ExitCode == 0 != (psqls != "refused") || (psqls != "refused" && !ours.Output.Contains($"\"Database\": \"{psqls.Split(' ')[1]}\"", StringComparison.Ordinal)))
                wrong.Add($"{pair}: psql {psqls}, ours {ours.ExitCode}: {ours.Error}");
        });
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong.Order(StringComparer.Ordinal)));

        string Filled(string value) => PlacePattern().Replace(value, m => m.Value switch
        {
            "SOCKET" => server.SocketFolder,
            "OTHER" => server.OtherAuthority,
            "PORT" => server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            var file => Path.Combine(server.Folder, file.ToLowerInvariant()),
        });
    }

    /// <summary>The judge of whether TLS is used is the server.</summary>
    [Theory]
    [InlineData("host=SOCKET hostaddr=127.0.0.1 port=PORT user=guest dbname=shop sslmode=require", null)]
    [InlineData("host=localhost port=PORT user=guest dbname=shop sslmode=disable requiressl=1", null)]
    [InlineData("host=localhost port=PORT user=guest dbname=shop requiressl=1", "disable")]
    public async Task Connection_uses_TLS_when_it_is_requested(string text, string? mode)
    {
        var filled = text.Replace("SOCKET", server.SocketFolder, StringComparison.Ordinal).Replace("PORT", server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        var environment = mode is null ? [] : new Dictionary<string, string> { ["PGSSLMODE"] = mode };
        ProcessVariables.Use(new Dictionary<string, string>(environment) { ["HOME"] = server.Folder });
        var target = DatabaseTargets.Parse(filled);
        ProcessVariables.Use(null);
        Assert.Equal(await server.AskPsqlAsync(filled, environment), await TlsServer.AskOursAsync(() => target));
        Assert.Contains(" tls ", await TlsServer.AskOursAsync(() => target), StringComparison.Ordinal);
    }

    /// <summary>A name or a path is in files, messages and results.</summary>
    [Theory]
    [InlineData("backup", "create", "--destination", "postgres://app:qZ7hush@127.0.0.1:1/shop")]
    [InlineData("backup", "create", "--destination", "host=127.0.0.1 port=1 password=qZ7hush dbname=shop")]
    [InlineData("backup", "create", "--destination", "x", "--environment", "app:qZ7hush@127.0.0.1")]
    [InlineData("backup", "test", "postgres://app:qZ7hush@127.0.0.1:1/shop")]
    [InlineData("backup", "create", "--destination", "x", "--table", "app:qZ7hush@127.0.0.1")]
    [InlineData("volume", "find", "--docker-host", "app:qZ7hush@127.0.0.1")]
    [InlineData("volume", "find", "--docker-host", "tcp://app:qZ7hush@127.0.0.1:1")]
    public async Task Output_does_not_contain_a_connection_string_passed_instead_of_a_name(params string[] arguments)
    {
        var result = await Dbsafety.RunAsync(new Dictionary<string, string?> { ["PGHOST"] = "127.0.0.1", ["PGPORT"] = "1", ["PGUSER"] = "u" }, arguments);
        Assert.NotEqual(0, result.ExitCode);
        Assert.DoesNotContain("qZ7hush", result.Output + result.Error, StringComparison.Ordinal);
    }

    /// <summary>The name of a database with a = in it, which pg_dumpall would read as a connection string.</summary>
    [Fact]
    public async Task Backup_reads_roles_from_its_own_server_for_any_database_name()
    {
        using var folder = new TempFolder();
        const string Name = "application_name=elsewhere options=-cbogus=1";
        await PgServer.ExecuteAsync(server.Target, $"CREATE DATABASE {SqlName.Quote(Name)} TEMPLATE template0");

        var backup = await new BackupDatabase().RunAsync(new BackupRequest(server.Target.On(Name), folder.Path), OperationEvents.None, CancellationToken.None);

        Assert.Contains(Directory.GetFiles(folder.Path), f => f.EndsWith(".globals.sql", StringComparison.Ordinal));
        Assert.Equal(Name, backup.Database);
    }

    /// <summary>A project's command gets the address, since hostaddr is libpq's alone.</summary>
    [Fact]
    public void URL_for_external_programs_uses_hostaddr()
    {
        var target = server.Parse($"host=elsewhere.invalid hostaddr=127.0.0.1 port={server.Port} user=guest dbname=shop");
        Assert.StartsWith($"postgresql://guest@127.0.0.1:{server.Port}/shop?", target.Url("test"), StringComparison.Ordinal);
        Assert.Equal($"elsewhere.invalid (127.0.0.1):{server.Port}", target.Server);
    }

    /// <summary>DATABASE_URL of each file, as dotenv and dotenv-expand have it.</summary>
    private async Task<Dictionary<int, string>> DotenvAsync(IReadOnlyList<ConnectionRow> rows)
    {
        var node = await NodePackages.InstallAsync("dotenv", "dotenv@16.4.7", "dotenv-expand@12.0.2");
        const string Script = """
            const fs = require('fs'), path = require('path'), dotenv = require('dotenv'), { expand } = require('dotenv-expand');
            for (const file of process.argv.slice(1)) {
              const parsed = dotenv.parse(fs.readFileSync(file));
              console.log(path.basename(file, '.env') + ' ' + expand({ parsed: { ...parsed }, processEnv: { ...parsed, ...JSON.parse(fs.readFileSync(file + '.json')) } }).parsed.DATABASE_URL);
            }
            """;
        var files = new List<string>();
        foreach (var row in rows)
        {
            files.Add(Path.Combine(server.Folder, $"{row.Number}.env"));
            await File.WriteAllTextAsync(files[^1], Place(row.FileText));
            await File.WriteAllTextAsync(files[^1] + ".json", System.Text.Json.JsonSerializer.Serialize(row.Environment));
        }

        var result = await ToolProcess.RunAsync(new ToolCommand("node", ["-e", Script, .. files]) { WorkingDirectory = node }, CancellationToken.None);
        return result.OrThrow().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ', 2)).ToDictionary(l => int.Parse(l[0], System.Globalization.CultureInfo.InvariantCulture), l => l[1]);
    }

    private string Place(string text) => ConnectionTable.Files().Replace(text, m => server.Folder + m.Value)
        .Replace("nowhere.example", "nowhere.invalid", StringComparison.Ordinal).Replace("db.example", "localhost", StringComparison.Ordinal)
        .Replace("%2Frun%2Fpg", Uri.EscapeDataString(server.SocketFolder), StringComparison.Ordinal).Replace("/run/pg", server.SocketFolder, StringComparison.Ordinal)
        .Replace("5433", server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);

    [System.Text.RegularExpressions.GeneratedRegex("(?<==|3A|:)(?:SOCKET|OTHER|PORT|PASSFILE|OPENFILE)")]
    private static partial System.Text.RegularExpressions.Regex PlacePattern();
}
