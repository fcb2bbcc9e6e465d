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
    public void Roles_that_a_statement_names_are_found(string sql, string roles) => Assert.Equal(roles, string.Join(' ', DumpRoles.NamedIn(sql)));
}
