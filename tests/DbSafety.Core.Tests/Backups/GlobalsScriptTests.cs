using DbSafety.Backups;

namespace DbSafety.Core.Tests.Backups;

public sealed class GlobalsScriptTests
{
    private const string Script = """
        \restrict x
        SET client_encoding = 'UTF8';
        -- Roles
        CREATE ROLE "App; One";
        ALTER ROLE "App; One" WITH NOSUPERUSER INHERIT NOCREATEROLE CREATEDB LOGIN NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 5 VALID UNTIL '2030-01-01 00:00:00+00';
        COMMENT ON ROLE "App; One" IS 'it''s with login';
        CREATE ROLE team;
        ALTER ROLE team WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB NOLOGIN NOREPLICATION NOBYPASSRLS;
        ALTER ROLE "App; One" SET work_mem TO '8MB';
        ALTER ROLE "App; One" IN DATABASE shop SET work_mem TO '9MB';
        GRANT team TO "App; One" WITH ADMIN OPTION GRANTED BY postgres;
        GRANT SET ON PARAMETER log_statement TO team;
        CREATE TABLESPACE far OWNER team LOCATION '/far';
        GRANT ALL ON TABLESPACE far TO team;
        ALTER TABLESPACE far SET (random_page_cost=1.1);
        \unrestrict x
        """;

    [Fact]
    public void Role_statements_are_extracted_without_the_options_that_require_a_superuser()
    {
        Assert.Equal(
            [
                ("App; One", "CREATE ROLE \"App; One\""),
                ("App; One", "ALTER ROLE \"App; One\" WITH INHERIT CREATEDB LOGIN CONNECTION LIMIT 5 VALID UNTIL '2030-01-01 00:00:00+00'"),
                ("App; One", "COMMENT ON ROLE \"App; One\" IS 'it''s with login'"),
                ("team", "CREATE ROLE team"),
                ("team", "ALTER ROLE team WITH INHERIT NOLOGIN"),
                ("App; One", "ALTER ROLE \"App; One\" SET work_mem TO '8MB'"),
                ("App; One", "GRANT team TO \"App; One\" WITH ADMIN OPTION"),
                ("team", "GRANT SET ON PARAMETER log_statement TO team"),
            ],
            GlobalsScript.Roles(Script).Select(s => (s.Role, s.Sql)));
    }

    [Fact]
    public void Only_roles_with_the_LOGIN_attribute_require_a_password()
    {
        Assert.Equal(["App; One"], GlobalsScript.Roles(Script).Where(s => s.Login && !s.Password).Select(s => s.Role));
        Assert.True(GlobalsScript.Roles("ALTER ROLE x WITH LOGIN PASSWORD 'SCRAM-SHA-256$1'").Single().Password);
    }
}
