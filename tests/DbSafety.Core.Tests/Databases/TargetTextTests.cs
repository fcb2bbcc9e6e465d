using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Stages;

namespace DbSafety.Core.Tests.Databases;

public sealed class TargetTextTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("dbsafety-text-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("postgres://us%20er:s3cret@%2Frun%2Fpg:6/d%20b")]
    [InlineData("postgres://app:s3cret@[fe80::1%25eth0]:5433/shop")]
    [InlineData("host=db.example hostaddr=192.0.2.1 port=5433 user=app password=s3cret dbname=shop sslmode=require")]
    [InlineData("host=/run/pg hostaddr=::1 user=app dbname=shop sslmode=require")]
    [InlineData("host=a.example,b.example,c.example hostaddr=192.0.2.1,192.0.2.2,192.0.2.3 port=1,2,3 user=app dbname=shop target_session_attrs=read-write")]
    [InlineData("postgres://app@db.example/a%2Fb%3Fc%26d%3De%40f?sslmode=verify-full&sslrootcert=FILE&channel_binding=require&require_auth=scram-sha-256,none")]
    [InlineData("postgres://app@db.example/shop?sslmode=require&sslcert=FILE&sslkey=FILE&sslnegotiation=direct&ssl_min_protocol_version=TLSv1.2&ssl_max_protocol_version=TLSv1.3&gssencmode=disable")]
    [InlineData("postgres://app@db.example/shop?sslmode=require&sslaccept=strict&sslcert=FILE&schema=a%20b")]
    [InlineData("postgres://app@db.example/shop?options=-c%20search_path%3Da%2Bb&pgbouncer=true")]
    public void The_URL_of_a_target_specifies_the_same_server_and_the_same_connection_security(string text)
    {
        var file = Path.Combine(folder, "a b.pem");
        File.WriteAllText(file, "");
        var target = DatabaseTargets.Parse(text.Replace("FILE", Uri.EscapeDataString(file), StringComparison.Ordinal));

        var again = DatabaseTargets.Parse(target.ToString());

        Assert.DoesNotContain("s3cret", target.ToString(), StringComparison.Ordinal);
        Assert.Equal(target with { Password = null, Servers = null }, again with { Servers = null });
        Assert.Equal(target.Servers?.Text, again.Servers?.Text);
        Assert.Equal(target.Servers?.Attributes, again.Servers?.Attributes);
        // A shell leaves it as it is between double quotes.
        Assert.DoesNotContain(target.ToString(), c => c is '"' or '$' or '`' or '\\' or ' ' or '!' or '\'');
    }

    [Fact]
    public void The_database_of_a_container_is_specified_by_its_container_name()
    {
        var target = DatabaseTargets.Parse("postgres://app@127.0.0.1:49153/shop") with { Container = "store-db-1" };
        Assert.Equal("--container \"store-db-1\" --database \"shop\"", TargetText.Options(target).ToString());
        Assert.Equal("--database-url \"postgres://app@127.0.0.1:49153/shop\"", TargetText.Options(target with { Container = null }).ToString());
    }

    [Theory]
    [InlineData("postgres://app@db.example/shop\n")]
    [InlineData("postgres://app@db.example/shop ")]
    [InlineData(" postgres://app@db.example/shop")]
    public void A_URL_with_leading_or_trailing_white_space_is_rejected_because_psql_reads_another_database_name(string text) =>
        Assert.Equal("DBS105", Assert.Throws<DbSafetyException>(() => DatabaseTargets.Parse(text)).Code);

    [Fact]
    public void An_env_file_in_UTF_16_which_dotenv_cannot_read_is_rejected()
    {
        var file = Path.Combine(folder, ".env");
        foreach (var encoding in new System.Text.Encoding[] { System.Text.Encoding.Unicode, System.Text.Encoding.BigEndianUnicode, new System.Text.UnicodeEncoding(false, false) })
        {
            File.WriteAllText(file, "DATABASE_URL=postgres://app@db.example/shop\n", encoding);
            var error = Assert.Throws<DbSafetyException>(() => DatabaseTargets.FromEnvFile(file));
            Assert.Equal("DBS106", error.Code);
            Assert.Contains("UTF-16", error.Message, StringComparison.Ordinal);
        }

        File.WriteAllText(file, "DATABASE_URL=postgres://app@db.example/shop\n", System.Text.Encoding.UTF8);
        Assert.Equal("shop", DatabaseTargets.FromEnvFile(file).Database);
    }

    [Fact]
    public void Redirected_environment_variables_that_specify_another_database_are_listed()
    {
        Directory.CreateDirectory(Path.Combine(folder, ".git"));
        File.WriteAllText(Path.Combine(folder, ".env"), "DATABASE_URL=postgres://app@db.example/old\nANALYTICS_URL=postgres://app@db.example/ana\nSHOP_URL=postgres://app:s3cret@db.example:5432/shop?schema=x\nREDIS_URL=redis://h\n");
        Assert.Equal(["ANALYTICS_URL"], CommandEnvironment.Redirected(DatabaseTargets.Parse("postgres://app@db.example/shop"), folder));
    }
}
