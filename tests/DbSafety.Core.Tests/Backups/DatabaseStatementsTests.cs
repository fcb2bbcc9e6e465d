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
    public void Database_settings_are_parsed_to_the_form_that_the_server_stores(string sql, string? role, string setting)
    {
        var (properties, unread) = DatabaseStatements.Read(Start, "My \"shop", [sql]);
        Assert.Equal([new DatabaseSetting(role, setting)], properties.Settings);
        Assert.Empty(unread);
    }

    [Fact]
    public void Statements_about_another_database_are_ignored_and_unsupported_statements_are_returned()
    {
        var (properties, unread) = DatabaseStatements.Read(
            Start,
            "shop",
            ["ALTER DATABASE other CONNECTION LIMIT = 3; COMMENT ON DATABASE other IS 'x';\nGRANT ALL ON DATABASE other TO bob;", "ALTER DATABASE shop RESET ALL;", "ALTER DATABASE shop REFRESH COLLATION VERSION;"]);
        Assert.Equal((-1, null, true), (properties.ConnectionLimit, properties.Comment, properties.Grants is null));
        Assert.Equal(["ALTER DATABASE shop RESET ALL", "ALTER DATABASE shop REFRESH COLLATION VERSION"], unread);
    }

    [Fact]
    public void Owner_comment_connection_limit_tablespace_and_security_labels_are_parsed()
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
    public void GRANT_and_REVOKE_modify_the_default_privileges_of_a_new_database()
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
    public void The_role_that_creates_the_database_is_its_owner_and_the_grantor()
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
    public void A_role_without_a_grant_option_revokes_as_the_owner_of_the_database()
    {
        var (properties, _) = DatabaseStatements.Read(Start with { Owner = "" }, "shop", ["SET SESSION AUTHORIZATION 'ann';", "REVOKE ALL ON DATABASE shop FROM PUBLIC;"]);
        Assert.DoesNotContain(properties.Grants!, g => g.Grantee is null);
    }
}
