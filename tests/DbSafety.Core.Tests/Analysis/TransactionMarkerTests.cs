using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Core.Tests.Analysis;

/// <summary>Scripts that ask their tool to be run without a transaction.</summary>
public sealed class TransactionMarkerTests
{
    private const string Two = "\nCREATE INDEX CONCURRENTLY a ON t (a);\nCREATE INDEX CONCURRENTLY b ON t (b);\n";

    [Theory]
    [InlineData("-- +goose NO TRANSACTION\n-- +goose Up")]
    [InlineData("-- migrate:up transaction:false")]
    [InlineData("-- +migrate Up notransaction")]
    [InlineData("-- no-transaction")]
    [InlineData("-- atlas:txmode none\n")]
    [InlineData("-- squawk-disable-assume-in-transaction")]
    public void Scripts_with_a_no_transaction_marker_can_contain_CREATE_INDEX_CONCURRENTLY(string marker)
    {
        Assert.DoesNotContain(Findings(marker + Two), f => f.Rule == "concurrently-in-transaction");
        Assert.Contains(Findings(marker + "\nBEGIN;" + Two), f => f.Rule == "concurrently-in-transaction");
    }

    [Theory]
    [InlineData("-- there is no transaction here")]
    [InlineData("-- +goose Up")]
    [InlineData("-- migrate:up transaction:true")]
    [InlineData("-- atlas:txmode file")]
    [InlineData("SELECT '\n-- no-transaction';")]
    public void Other_comments_do_not_disable_the_transaction(string comment) => Assert.Contains(Findings(comment + Two), f => f.Rule == "concurrently-in-transaction");

    private static IReadOnlyList<MigrationFinding> Findings(string sql) => MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)]);
}
