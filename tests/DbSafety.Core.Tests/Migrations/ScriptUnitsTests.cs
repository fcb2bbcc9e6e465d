using DbSafety.Migrations.Applying.Scripts;

namespace DbSafety.Core.Tests.Migrations;

/// <summary>Where a script is cut into transactions, by how its tool sends it. Each unit is shown as its statements' numbers, with R rolled back and A outside of a transaction.</summary>
public sealed class ScriptUnitsTests
{
    [Theory]
    [InlineData("SELECT 1; SELECT 2", "one", "one", "one")]
    [InlineData("BEGIN; SELECT 1; COMMIT", "one", "one", "one")]
    [InlineData("SELECT 1; COMMIT; SELECT 2", "1-1 3-3", "1-1 3-3", "1-1 3-3")]
    [InlineData("SELECT 1; ROLLBACK; SELECT 2", "1-1R 3-3", "1-1R 3-3", "1-1 3-3")]
    [InlineData("SELECT 1; BEGIN; SELECT 2; ROLLBACK; SELECT 3", "1-3R 5-5", "1-3R 5-5", "1-1 3-3R 5-5")]
    [InlineData("BEGIN; SELECT 1; COMMIT AND CHAIN; SELECT 2; END", "2-2 4-4", "2-2 4-4", "2-2 4-4")]
    [InlineData("BEGIN; SELECT 1; ROLLBACK WORK AND CHAIN; SELECT 2; COMMIT AND NO CHAIN", "2-2R 4-4", "2-2R 4-4", "2-2R 4-4")]
    [InlineData("SELECT 1; VACUUM; SELECT 2", "1-1 2-2A 3-3", "1-1 2-2A 3-3", "1-1 2-2A 3-3")]
    [InlineData("BEGIN; SELECT 1; SAVEPOINT s; ROLLBACK TO SAVEPOINT s; COMMIT", "one", "one", "one")]
    [InlineData("BEGIN; SELECT 1", "refused 1", "one", "refused 1")]
    [InlineData("SELECT 1;\nCOMMIT AND CHAIN", "refused 2", "refused 2", "refused 2")]
    [InlineData("SELECT 1; COMMIT;\nBEGIN; SELECT 2", "refused 2", "refused 2", "refused 2")]
    [InlineData("BEGIN; SELECT 1;\nPREPARE TRANSACTION 'x'", "refused 2", "refused 2", "refused 2")]
    [InlineData("SELECT 1;\nVACUUM; ROLLBACK", "refused 2", "refused 2", "1-1 2-2A")]
    [InlineData("COMMIT PREPARED 'x'", "1-1A", "1-1A", "1-1A")]
    public void A_script_is_split_where_its_tool_commits(string sql, string asPrisma, string asDrizzlePiece, string asSql)
    {
        Assert.Equal(asPrisma, Cut(sql, ScriptDelivery.OneQuery));
        Assert.Equal(asDrizzlePiece, Cut(sql, new ScriptDelivery(ScriptDeliveryKind.Pieces, [])));
        Assert.Equal(asSql, Cut(sql, ScriptDelivery.Statements));
    }

    [Fact]
    public void After_the_transaction_of_Drizzle_each_piece_runs_in_its_own_transaction()
    {
        const string Sql = "SELECT 1; COMMIT;| SELECT 2; SELECT 3;| SELECT 4;| ROLLBACK;| SELECT 5; ROLLBACK";
        var breakpoints = Sql.Select((c, i) => (c, i)).Where(p => p.c == '|').Select(p => p.i).ToList();
        Assert.Equal("1-1 3-4 5-5 7-7R", Cut(Sql.Replace('|', ' '), new ScriptDelivery(ScriptDeliveryKind.Pieces, breakpoints)));
    }

    private static string Cut(string sql, ScriptDelivery delivery)
    {
        var plan = ScriptPlan.For(sql, delivery, serverMajor: 15);
        if (plan.Refusal is { } refusal)
            return $"refused {refusal.Line}";
        return plan.IsOneTransaction ? "one" : string.Join(' ', plan.Units.Select(u => $"{u.First}-{u.Last}{(u.RollsBack ? "R" : u.Begin is null ? "A" : "")}"));
    }
}
