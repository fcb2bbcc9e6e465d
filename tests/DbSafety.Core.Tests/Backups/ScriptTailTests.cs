using System.Text;
using DbSafety.Backups.Dumps;

namespace DbSafety.Core.Tests.Backups;

public sealed class ScriptTailTests
{
    private const string Encoding8 = "SET client_encoding = 'UTF8';", Authorization = "SET SESSION AUTHORIZATION 'ann';";

    [Fact]
    public void Final_statements_are_deferred_with_their_settings_and_event_triggers_run_last()
    {
        var (now, rest) = Read(Authorization, Encoding8, "CREATE TABLE t (a int);", "GRANT SELECT ON t TO bob;", "CREATE EVENT TRIGGER e ON sql_drop EXECUTE FUNCTION f();", "REFRESH MATERIALIZED VIEW v;");

        Assert.Equal([Authorization, Encoding8, "CREATE TABLE t (a int);"], now);
        Assert.Equal([Encoding8, Authorization, "GRANT SELECT ON t TO bob;", "REFRESH MATERIALIZED VIEW v;", "CREATE EVENT TRIGGER e ON sql_drop EXECUTE FUNCTION f();"], rest);
    }

    [Fact]
    public void Statements_followed_by_other_statements_are_not_deferred()
    {
        string[] script = ["GRANT SELECT ON t TO bob;", Authorization, "REVOKE SELECT ON t FROM carl;", "CREATE TABLE u (a int);"];
        var (now, rest) = Read(script);

        Assert.Equal(script, now);
        Assert.Empty(rest);
    }

    [Fact]
    public void Statements_inside_a_transaction_of_the_script_are_not_deferred()
    {
        string[] script = ["BEGIN;", "CREATE TABLE t (a int);", "GRANT SELECT ON t TO bob;"];
        var (now, rest) = Read(script);

        Assert.Equal(script, now);
        Assert.Empty(rest);
        Assert.Equal(["GRANT SELECT ON u TO bob;"], Read([.. script, "COMMIT;", "GRANT SELECT ON u TO bob;"]).Later);
    }

    private static (string[] Now, string[] Later) Read(params string[] script)
    {
        var tail = new ScriptTail();
        var now = string.Concat(script.Select(s => tail.Take(s, s + "\n")));
        return (Lines(now), Lines(Encoding.UTF8.GetString(tail.Rest([]))));
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
