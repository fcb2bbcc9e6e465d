using DbSafety.Backups.Sets;
using DbSafety.Databases.Definitions;

namespace DbSafety.Core.Tests.Backups;

public sealed class DatabaseStatementsTests
{
    private static readonly DatabaseProperties Start = new() { Owner = "ann", Encoding = "UTF8", Collate = "C", CType = "C" };

    [Theory]
    [InlineData("ALTER DATABASE \"My \"\"shop\" SET search_path TO '$user', 'Odd, one';", null, "search_path=\"$user\", \"Odd, one\"")]
    [InlineData("ALTER DATABASE \"My \"\"shop\" SET search_path TO \"$user\", Public;", null, "search_path=\"$user\", \"public\"")]
    [InlineData("ALTER DATABASE \"My \"\"shop\" SET search_path TO '';", null, "search_path=")]
    [InlineData("ALTER DATABASE \"My \"\"shop\" SET \"DateStyle\" TO 'SQL, DMY';", null, "DateStyle=SQL, DMY")]
    [InlineData("ALTER DATABASE \"My \"\"shop\" SET app.note TO E'it''s \\\\ x; y';", null, "app.note=it's \\ x; y")]
    [InlineData("alter database \"My \"\"shop\" set work_mem = '7MB';", null, "work_mem=7MB")]
    [InlineData("ALTER ROLE \"Reader\" IN DATABASE \"My \"\"shop\" SET statement_timeout TO '3s';", "Reader", "statement_timeout=3s")]
    public void A_setting_is_read_as_the_server_stores_it(string sql, string? role, string setting)
    {
        var (properties, unread) = DatabaseStatements.Read(Start, "My \"shop", [sql]);
        Assert.Equal([new DatabaseSetting(role, setting)], properties.Settings);
        Assert.Empty(unread);
    }

    [Fact]
    public void Statements_about_other_databases_do_not_count_and_those_that_are_not_understood_are_returned()
    {
        var (properties, unread) = DatabaseStatements.Read(
            Start,
            "shop",
            ["ALTER DATABASE other CONNECTION LIMIT = 3; COMMENT ON DATABASE other IS 'x';\nGRANT ALL ON DATABASE other TO bob;", "ALTER DATABASE shop RESET ALL;", "ALTER DATABASE shop REFRESH COLLATION VERSION;"]);
        Assert.Equal((-1, null, true), (properties.ConnectionLimit, properties.Comment, properties.Grants is null));
        Assert.Equal(["ALTER DATABASE shop RESET ALL", "ALTER DATABASE shop REFRESH COLLATION VERSION"], unread);
    }

    [Fact]
    public void Owner_comment_limit_tablespace_and_labels_are_read()
    {
        var (properties, unread) = DatabaseStatements.Read(
            Start,
            "shop",
            ["ALTER DATABASE shop OWNER TO \"New owner\";", "COMMENT ON DATABASE shop IS 'it''s; mine';", "ALTER DATABASE shop CONNECTION LIMIT = 17;\nALTER DATABASE shop IS_TEMPLATE = true;\n", "ALTER DATABASE shop SET TABLESPACE far;", "SECURITY LABEL FOR dummy ON DATABASE shop IS 'secret';"]);
        Assert.Equal(("New owner", "it's; mine", 17, true, "far"), (properties.Owner, properties.Comment, properties.ConnectionLimit, properties.IsTemplate, properties.Tablespace));
        Assert.Equal([new DatabaseLabel("dummy", "secret")], properties.SecurityLabels);
        Assert.Empty(unread);
    }

    [Fact]
    public void Privileges_change_what_a_new_database_has()
    {
        var (properties, _) = DatabaseStatements.Read(
            Start,
            "shop",
            ["REVOKE CONNECT,TEMPORARY ON DATABASE shop FROM PUBLIC;\nREVOKE ALL ON DATABASE shop FROM ann;\nGRANT CREATE,CONNECT ON DATABASE shop TO ann;\nGRANT CONNECT ON DATABASE shop TO bob WITH GRANT OPTION;\nSET SESSION AUTHORIZATION bob;\nGRANT CONNECT ON DATABASE shop TO \"Carl\";\nRESET SESSION AUTHORIZATION;\n"]);
        Assert.Equal(
            ["ann CREATE", "ann CONNECT", "bob CONNECT*", "Carl CONNECT by bob"],
            properties.Grants!.Select(g => $"{g.Grantee ?? "PUBLIC"} {g.Privilege}{(g.Grantable ? "*" : "")}{(g.Grantor is { } by ? " by " + by : "")}"));
    }

    [Fact]
    public void Who_creates_the_database_owns_it_and_grants_as_its_owner()
    {
        var (properties, unread) = DatabaseStatements.Read(
            Start with { Owner = "" },
            "shop",
            ["SET SESSION AUTHORIZATION 'Ann';", "CREATE DATABASE shop;", "REVOKE CONNECT,TEMPORARY ON DATABASE shop FROM PUBLIC;\nGRANT CONNECT ON DATABASE shop TO bob;"]);
        Assert.Equal("Ann", properties.Owner);
        Assert.Equal(["Ann CONNECT", "Ann CREATE", "Ann TEMPORARY", "bob CONNECT"], properties.Grants!.Select(g => $"{g.Grantee ?? "PUBLIC"} {g.Privilege}{g.Grantor}"));
        Assert.Empty(unread);
    }

    [Fact]
    public void A_role_that_was_granted_nothing_to_pass_on_grants_as_the_owner_of_the_database()
    {
        var (properties, _) = DatabaseStatements.Read(Start with { Owner = "" }, "shop", ["SET SESSION AUTHORIZATION 'ann';", "REVOKE ALL ON DATABASE shop FROM PUBLIC;"]);
        Assert.DoesNotContain(properties.Grants!, g => g.Grantee is null);
    }
}
