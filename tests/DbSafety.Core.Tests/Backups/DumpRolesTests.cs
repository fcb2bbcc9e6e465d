using DbSafety.Backups.Dumps;

namespace DbSafety.Core.Tests.Backups;

public sealed class DumpRolesTests
{
    [Theory]
    [InlineData("GRANT SELECT ON TABLE public.t TO rd;", "rd")]
    [InlineData("GRANT SELECT ON TABLE public.t TO rd WITH GRANT OPTION;", "rd")]
    [InlineData("grant select on t to a, \"B c\", GROUP d, public;", "a B c d")]
    [InlineData("GRANT SELECT(a) ON TABLE t TO PUBLIC GRANTED BY rd;", "rd")]
    [InlineData("REVOKE GRANT OPTION FOR SELECT ON TABLE t FROM rd CASCADE;", "rd")]
    [InlineData("SELECT pg_catalog.binary_upgrade_set_record_init_privs(true);\nREVOKE ALL ON FUNCTION f() FROM PUBLIC;\nSET SESSION AUTHORIZATION own;\nGRANT ALL ON FUNCTION f() TO rd;\nRESET SESSION AUTHORIZATION;", "own rd")]
    [InlineData("SET SESSION AUTHORIZATION 'o''k';", "o'k")]
    [InlineData("SET SESSION AUTHORIZATION DEFAULT;", "")]
    [InlineData("ALTER TABLE public.t OWNER TO \"My role\";", "My role")]
    [InlineData("ALTER TABLE t RENAME COLUMN owner TO boss;", "")]
    [InlineData("ALTER DEFAULT PRIVILEGES FOR ROLE own IN SCHEMA public REVOKE ALL ON TABLES FROM PUBLIC;", "own")]
    [InlineData("ALTER DEFAULT PRIVILEGES FOR ROLE own GRANT SELECT ON TABLES TO rd;", "own rd")]
    [InlineData("CREATE POLICY \"to a\" ON \"App\".t AS RESTRICTIVE FOR SELECT TO rd, other USING ((name SIMILAR TO 'x'));", "rd other")]
    [InlineData("CREATE POLICY p ON t USING ((name SIMILAR TO 'x'));", "")]
    [InlineData("CREATE POLICY p ON t FOR INSERT TO rd;", "rd")]
    [InlineData("CREATE USER MAPPING FOR rd SERVER s OPTIONS (user 'x', password 'FOR y');", "rd")]
    [InlineData("CREATE USER MAPPING IF NOT EXISTS FOR CURRENT_USER SERVER s;", "")]
    [InlineData("CREATE SCHEMA app AUTHORIZATION own;", "own")]
    [InlineData("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ GRANT SELECT ON t TO rd $$;", "")]
    [InlineData("COMMENT ON TABLE t IS 'GRANT SELECT TO rd';", "")]
    public void Roles_in_a_statement_are_parsed(string sql, string roles) => Assert.Equal(roles, string.Join(' ', DumpRoles.NamedIn(sql)));

    [Fact]
    public void A_plain_dump_lists_the_roles_required_without_owners_and_privileges()
    {
        const string Sql = "CREATE TABLE t (a int);\nALTER TABLE t OWNER TO own;\nGRANT SELECT ON TABLE t TO reader;\nCREATE POLICY p ON t TO polled;\nCREATE USER MAPPING FOR mapped SERVER s OPTIONS (password 'x');\n";
        var section = PlainDump.Read(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(Sql)), CancellationToken.None).Sections[0];
        Assert.Equal(["mapped", "polled"], section.DefinitionRoles);
        Assert.Equal(["mapped", "own", "polled", "reader"], section.Census(0).Owners);
        Assert.Single(section.Census(0).Secrets);
    }
}
