using DbSafety.Databases.Connections;
using DbSafety.Migrations.Stages;

namespace DbSafety.Core.Tests.Migrations;

public sealed class CopyAddressTests
{
    private static readonly DatabaseTarget Production = new() { Host = "db.example.com", Port = 5433, Username = "app", Password = "real", Database = "shop" };

    private static readonly CopyAddress Copy = new(Production, new DatabaseTarget { Host = "127.0.0.2", Port = 5433, Username = "app", Password = "other", Database = "shop_copy" });

    [Theory]
    [InlineData("SPRING_DATASOURCE_URL", "jdbc:postgresql://db.example.com:5433/shop?user=app&password=real&sslmode=require&currentSchema=a", "jdbc:postgresql://127.0.0.2:5433/shop_copy?currentSchema=a&user=app&password=other")]
    [InlineData("SQLALCHEMY_DATABASE_URI", "postgresql+psycopg2://app:re@al@db.example.com/shop", "postgresql+psycopg2://app:other@127.0.0.2:5433/shop_copy")]
    [InlineData("X", "postgis://db.example.com/shop?sslmode=require", "postgis://app:other@127.0.0.2:5433/shop_copy")]
    [InlineData("X", "postgis://db.example.com/shop?sslmode=disable", "postgis://app:other@127.0.0.2:5433/shop_copy?sslmode=disable")]
    [InlineData("ConnectionStrings__Default", "Host=db.example.com;Port=5433;Database=shop;Username=app;Password=real;SSL Mode=Require", "Host=127.0.0.2;Port=5433;Database=shop_copy;Username=app;Password=other;SSL Mode=Prefer")]
    [InlineData("DSN", "host=db.example.com port=5433 dbname=shop user=app", "host='127.0.0.2' port='5433' user='app' password='other' dbname='shop_copy'")]
    [InlineData("DB_HOST", "db.example.com", "127.0.0.2")]
    [InlineData("POSTGRES_HOST", "db.example.com:5433", "127.0.0.2:5433")]
    [InlineData("DB_PORT", "5433", "5433")]
    [InlineData("POSTGRES_DB", "shop", "shop_copy")]
    [InlineData("DB_PASSWORD", "real", "other")]
    public void Variables_that_specify_production_are_redirected_to_the_copy(string name, string value, string expected) => Assert.Equal(expected, Copy.Of(name, value));

    [Fact]
    public void Every_PostgreSQL_URL_variable_of_a_command_specifies_the_target_and_PGHOST_is_the_host_address()
    {
        var folder = Directory.CreateTempSubdirectory("dbsafety-env-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, ".git"));
            File.WriteAllText(Path.Combine(folder, ".env"), "ANALYTICS_URL=postgresql://app@db.example.com/analytics\nMONGO_URL=mongodb://db.example.com/shop\n");
            var environment = CommandEnvironment.For(Production with { HostAddress = "192.0.2.7" }, folder);
            Assert.Equal((environment["DATABASE_URL"], "192.0.2.7"), (environment["ANALYTICS_URL"], environment["PGHOST"]));
            Assert.Contains("/shop", environment["ANALYTICS_URL"], StringComparison.Ordinal);
            Assert.DoesNotContain("MONGO_URL", environment.Keys);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_driver_without_Unix_socket_support_cannot_connect_to_another_server()
    {
        var copy = new CopyAddress(Production, new DatabaseTarget { Host = "/tmp/copy", Port = 5432, Username = "app", Database = "shop" });
        Assert.Equal("jdbc:postgresql://127.0.0.1:1/shop?user=app&password=none&host=%2Ftmp%2Fcopy&port=5432", copy.Of("X", "jdbc:postgresql://db.example.com/shop"));
        Assert.Equal("postgis://app@127.0.0.1:1/shop?host=%2Ftmp%2Fcopy&port=5432", copy.Of("X", "postgis://db.example.com/shop"));
    }

    [Theory]
    [InlineData("DB_HOST", "other.example.com")]
    [InlineData("SMTP_HOST", "db.example.com")]
    [InlineData("PORT", "5433")]
    [InlineData("DB_NAME", "shop2")]
    [InlineData("APP_NAME", "shop")]
    [InlineData("DB_POOL", "shop")]
    [InlineData("ConnectionStrings__Default", "Server=sql.example.com;Database=shop;User Id=sa")]
    [InlineData("MYSQL_URL", "mysql://db.example.com/shop")]
    public void Variables_that_do_not_specify_production_are_unchanged(string name, string value) => Assert.Null(Copy.Of(name, value));

    [Fact]
    public void The_URL_of_a_copy_without_TLS_disables_TLS()
    {
        var folder = Directory.CreateTempSubdirectory("dbsafety-copy-").FullName;
        var variables = CommandEnvironment.ForCopy(new DatabaseTarget { Host = "127.0.0.2", Port = 5433, Username = "app", Database = "shop_copy" }, Production with { SslMode = "disable" }, folder);
        Directory.Delete(folder);
        Assert.Contains("sslmode=disable", variables["DATABASE_URL"], StringComparison.Ordinal);
        Assert.Equal("disable", variables["PGSSLMODE"]);
    }
}
