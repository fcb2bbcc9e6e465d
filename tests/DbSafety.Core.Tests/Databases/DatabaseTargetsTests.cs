using DbSafety.Databases;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Connections.Text;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Core.Tests.Databases;

public sealed class DatabaseTargetsTests
{
    [Theory]
    [InlineData("postgres://u:p@h:6543/d", "h", 6543, "u", "p", "d")]
    [InlineData("postgresql://u:p%40ss%2Fword@h/d%20b", "h", 5432, "u", "p@ss/word", "d b")]
    [InlineData("postgres://u:p@ss@h/d", "h", 5432, "u", "p@ss", "d")]
    [InlineData("postgres://u:p@[::1]:7/d?schema=app", "::1", 7, "u", "p", "d")]
    [InlineData("postgres://u:p@%2Frun%2Fpg:6/d", "/run/pg", 6, "u", "p", "d")]
    [InlineData("postgres:///d?host=/run/pg&port=6&user=u&password=p", "/run/pg", 6, "u", "p", "d")]
    [InlineData("postgres://u:p@h", "h", 5432, "u", "p", "u")]
    [InlineData("Host=h;Port=6;Username=u;Password=p;Database=d", "h", 6, "u", "p", "d")]
    [InlineData("host=h; port=6; username=u; password=p; database=d", "h", 6, "u", "p", "d")]
    [InlineData("Host=h;Port=6;Username=u;Password=a b=c;Database=d", "h", 6, "u", "a b=c", "d")]
    [InlineData("postgres://u:p?x@h:6/d", "h", 6, "u", "p?x", "d")]
    [InlineData("postgres://u:p?x@h:6/d?connect_timeout=3", "h", 6, "u", "p?x", "d")]
    [InlineData("host=h port=6 user=u password=p dbname=d", "h", 6, "u", "p", "d")]
    [InlineData("  host = h\tport= 6 user =u password='p; q=1 \\' \\\\' dbname='d b' ", "h", 6, "u", "p; q=1 ' \\", "d b")]
    [InlineData("user=u password=p\\ q\\' dbname=d host=/run/pg port=6 connect_timeout=3", "/run/pg", 6, "u", "p q'", "d")]
    [InlineData("password=p dbname=d user=u host=h hostaddr=10.0.0.1", "h", 5432, "u", "p", "d")]
    public void A_target_is_read_from_a_URL_or_a_connection_string(string text, string host, int port, string user, string password, string database)
    {
        var target = DatabaseTargets.Parse(text);
        Assert.Equal((host, port, user, password, database), (target.Host, target.Port, target.Username, target.Password, target.Database));
    }

    [Fact]
    public void The_Prisma_schema_and_libpq_SSL_settings_apply_to_sessions_and_client_programs()
    {
        var file = Path.GetTempFileName();
        try
        {
            var target = DatabaseTargets.Parse($"postgres://u:p@h/d?schema=app&sslmode=verify-full&sslrootcert={file}&channel_binding=require&require_auth=scram-sha-256");
            Assert.Equal(("app", "verify-full", file), (target.Schema, target.SslMode, target.SslRootCertificate));
            Assert.Contains("SSL Mode=Require", target.ConnectionString("x"), StringComparison.Ordinal);
            Assert.Contains("Channel Binding=Require;Require Auth=ScramSHA256", target.ConnectionString("x"), StringComparison.Ordinal);
            var environment = target.ToolEnvironment();
            Assert.Equal(["verify-full", file, "require", "scram-sha-256"], new[] { "PGSSLMODE", "PGSSLROOTCERT", "PGCHANNELBINDING", "PGREQUIREAUTH" }.Select(n => environment[n]));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void No_public_property_of_a_target_or_a_choice_holds_the_password()
    {
        foreach (var type in new[] { typeof(DatabaseTarget), typeof(DatabaseChoice), typeof(PgDatabase) })
            Assert.DoesNotContain(type.GetProperties().Where(p => p.GetMethod is { IsPublic: true }), p => p.Name is "Password" or "ConnectionString");
    }

    [Theory]
    [InlineData("postgres://u:s3cr3t@h:99999/d")]
    [InlineData("postgres://u:s3cr3t@h1,h2:1:2/d")]
    [InlineData("postgres://u:p@ss/s3cr3t#rd@h/d")]
    [InlineData("postgres://u:s3cr3t@h/d?s3cr3t=1")]
    [InlineData("Hots=h;Password=s3cr3t")]
    [InlineData("s3cr3t")]
    [InlineData("postgres://u:s3cr3t")]
    [InlineData("postgres://u:pa/s3cr3t?x@h/d")]
    [InlineData("postgres://u:12/s3cr3t?x@h/d")]
    [InlineData("postgres://u:p@s3cr3t?x@h/d")]
    [InlineData("postgres://u:s3cr3t?x/y@h/d")]
    [InlineData("host=h port=s3cr3t")]
    [InlineData("host=h port=1 password=a s3cr3t dbname=d")]
    [InlineData("host=h password='s3cr3t")]
    [InlineData("host=h passwort=s3cr3t")]
    [InlineData("Host=h port=1 password=s3cr3t")]
    [InlineData("host=h password=a;s3cr3t=b dbname=d")]
    [InlineData("host=h password=s3cr3t;x=b dbname=d")]
    [InlineData("host='x password=s3cr3t' user=u")]
    [InlineData("host=h dbname='user=x password=s3cr3t'")]
    [InlineData("host=h dbname=postgres://u:s3cr3t@h/d")]
    [InlineData("Host=postgres://u:s3cr3t@h/d")]
    [InlineData("host=a,b port=1,2,3 password=s3cr3t")]
    [InlineData("prisma+postgres://h/?api_key=s3cr3t")]
    [InlineData("mysql://u:s3cr3t@h/d")]
    [InlineData("host=h sslpassword=s3cr3t")]
    public void An_invalid_connection_string_is_a_usage_error_and_is_not_shown(string text)
    {
        var error = Assert.Throws<DbSafetyException>(() => DatabaseTargets.Parse(text));
        Assert.Contains(error.Code, new[] { "DBS105", "DBS124" });
        Assert.Equal(2, error.ExitCode);
        Assert.DoesNotContain("s3cr3t", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("host=h port=1 password=s3cr3t", null)]
    [InlineData("postgres://u:s3cr3t@h/d", null)]
    [InlineData("h", "host=h password = s3cr3t")]
    [InlineData("h", "postgres://u:s3cr3t@h/d")]
    public void A_connection_string_used_as_a_name_is_DBS105_and_is_not_shown(string host, string? database)
    {
        var error = Assert.Throws<DbSafetyException>(() => new DatabaseChoice { Host = host, Database = database }.Resolve());
        Assert.Equal("DBS105", error.Code);
        Assert.DoesNotContain("s3cr3t", error.ToString() + error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void An_invalid_variable_name_is_not_shown_in_the_error()
    {
        var error = Assert.Throws<DbSafetyException>(() => DatabaseTargets.OfVariable("env:postgres://u:s3cr3t@h/d"));
        Assert.DoesNotContain("s3cr3t", error.ToString() + error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("host=h sslcrl=s3cr3t", "sslcrl")]
    [InlineData("host=h pasword=s3cr3t", "pasword (did you mean password?)")]
    [InlineData("host=h q7zz=s3cr3t", "setting number 2, whose name is not shown")]
    [InlineData("postgres://u@h/d?sslidentity=s3cr3t", "sslidentity")]
    [InlineData("postgres://u@h/d?sslmod=require", "sslmod (did you mean sslmode?)")]
    public void An_unsupported_connection_setting_is_reported_without_its_value(string text, string named)
    {
        var error = Assert.Throws<DbSafetyException>(() => DatabaseTargets.Parse(text));
        Assert.Equal("DBS124", error.Code);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    [Hazard("H12")]
    public void The_text_of_a_target_contains_no_password_and_parses_to_the_same_target()
    {
        var target = DatabaseTargets.Parse("postgres://us%20er:s3cr3t@%2Frun%2Fpg:6/d%20b");
        Assert.DoesNotContain("s3cr3t", target.ToString(), StringComparison.Ordinal);
        Assert.Equal(target with { Password = null }, DatabaseTargets.Parse(target.ToString()) with { Password = null });
    }

    [Fact]
    public void Env_files_are_parsed_with_the_rules_of_dotenv()
    {
        var values = EnvFile.Parse("# comment\nexport A=1 # x\nB=\"two # not\\nyet\"\r\nC='now ${A}'\nD=${A}-${NOT_SET_ANYWHERE}-x\n =bad\nE=\n");
        Assert.Equal(["1", "two # not\nyet", "now 1", "1--x", ""], new[] { "A", "B", "C", "D", "E" }.Select(k => values[k]));
    }

    [Fact]
    public async Task The_env_file_in_use_is_reported_with_env_files_in_its_folder_that_specify_another_database()
    {
        var folder = Directory.CreateTempSubdirectory("dbsafety-env-").FullName;
        try
        {
            foreach (var (name, database) in new[] { (".env", "shop"), (".env.production", "live"), (".env.example", "shop") })
                await File.WriteAllTextAsync(Path.Combine(folder, name), $"DATABASE_URL=postgres://u:s3cr3t@h/{database}\n");
            var events = new Messages();
            var target = await new ChooseServer().RunAsync(DatabaseTargets.FromEnvFile(Path.Combine(folder, ".env")), events, CancellationToken.None);
            Assert.Equal("shop", target.Database);
            Assert.Contains(events, m => m.Level == MessageLevel.Verbose && m.Text.EndsWith(Path.Combine(folder, ".env"), StringComparison.Ordinal));
            Assert.Equal($"{Path.Combine(folder, ".env")} specifies the database; .env.production in the same folder specifies another", events.Single(m => m.Level == MessageLevel.Warning).Text);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class Messages : List<MessageEvent>, IOperationEvents
    {
        public void Raise(OperationEvent operationEvent) => Add((MessageEvent)operationEvent);
    }

    [Fact]
    public void An_env_file_without_the_variable_is_DBS106()
    {
        var error = Assert.Throws<DbSafetyException>(() => DatabaseTargets.FromEnvFile("/nowhere/.env"));
        Assert.Equal("DBS106", error.Code);
    }
}
