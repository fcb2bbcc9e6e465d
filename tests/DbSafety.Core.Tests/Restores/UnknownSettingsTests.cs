using DbSafety.Restores.Filling.Scripts;

namespace DbSafety.Core.Tests.Restores;

public sealed class UnknownSettingsTests
{
    private const string TransactionTimeout = "pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter \"transaction_timeout\"\nCommand was: SET transaction_timeout = 0;\n";
    private const string Other = "pg_restore: error: could not execute query: ERROR:  relation \"public.t\" does not exist\nCommand was: ALTER TABLE public.t OWNER TO ann;\n\n";

    private readonly UnknownSettings settings = new(new HashSet<string> { "lock_timeout", "search_path" });

    [Theory]
    [InlineData("SET transaction_timeout = 0;\n", true)]
    [InlineData("set session transaction_timeout to 0;\n", true)]
    [InlineData("SET lock_timeout = 0;\n", false)]
    [InlineData("SET app.tenant = '1';\n", false)]
    [InlineData("SET SESSION AUTHORIZATION 'ann';\n", false)]
    [InlineData("SET TIME ZONE 'UTC';\n", false)]
    [InlineData("CREATE FUNCTION f() RETURNS int SET transaction_timeout = 0 AS 'x';\n", false)]
    public void A_setting_that_the_server_does_not_support_is_left_out(string statement, bool isUnknown)
    {
        Assert.Equal(isUnknown, settings.AreIn(statement));
        Assert.Equal(isUnknown ? ["SET transaction_timeout was left out: PostgreSQL 15 does not have this setting"] : [], settings.Notes(15));
    }

    [Fact]
    public void Errors_of_pg_restore_are_ignored_only_if_all_of_them_are_about_unsupported_settings()
    {
        Assert.True(settings.AreAllErrors(TransactionTimeout + TransactionTimeout + "pg_restore: warning: errors ignored on restore: 2\n"));
        Assert.False(settings.AreAllErrors(TransactionTimeout + Other + "pg_restore: warning: errors ignored on restore: 2\n"));
        Assert.False(settings.AreAllErrors(TransactionTimeout + "pg_restore: error: could not read from input file: end of file\npg_restore: warning: errors ignored on restore: 2\n"));
        Assert.False(settings.AreAllErrors(TransactionTimeout));
        Assert.StartsWith(Other, settings.Others(TransactionTimeout + Other), StringComparison.Ordinal);
    }
}
