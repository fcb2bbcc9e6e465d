using DbSafety.Databases.Writes;
using DbSafety.Migrations.Concurrency;

namespace DbSafety.Core.Tests.Migrations;

/// <summary>Whose a write is decided to be, from what a table and the transactions of the run say.</summary>
public sealed class ConcurrentWriteFindingsTests
{
    private const ulong Own = 120;

    private static readonly TableState Table = new(1, "public", "t", 7, 10);

    [Theory]
    // Nothing was written, and rows of this run were added.
    [InlineData(0, 0, 10, 10, 0, "None")]
    [InlineData(5, 0, 15, 10, 0, "None")]
    // Another session added a row, deleted one, or deleted one and added another.
    [InlineData(0, 0, 11, 10, 1, "t")]
    [InlineData(0, 0, 9, 9, 0, "t")]
    [InlineData(0, 0, 10, 9, 1, "t")]
    // The run deleted what another session may have changed before: the number of rows alone proves nothing, a wrong one is not explained.
    [InlineData(0, 2, 8, 8, 0, "Hidden")]
    [InlineData(0, 2, 7, 7, 0, "Unclear")]
    public void A_table_is_unchanged_only_if_every_row_is_accounted_for(long inserted, long deleted, long total, long seen, long foreign, string expected)
    {
        var (own, findings) = Findings(inserted, deleted, isOwn: inserted + deleted > 0);

        findings.Add(Table, new RowOrigins(total, seen, foreign, 5));

        Assert.Equal(expected, Text(own, findings));
    }

    [Fact]
    public void A_row_of_an_unknown_transaction_that_can_be_a_subtransaction_of_the_run_is_unclear()
    {
        var (own, findings) = Findings(1, 0, isOwn: true);
        findings.Add(Table, new RowOrigins(11, 10, 1, NewestForeign: (long)Own + 1 - 100));
        Assert.Equal("Unclear", Text(own, findings));
    }

    [Fact]
    public void Concurrent_writes_to_a_rewritten_or_dropped_table_cannot_be_determined()
    {
        var (own, findings) = Findings(0, 0, isOwn: true);
        findings.Add(Table with { File = 8 }, new RowOrigins(10, 0, 0, 0));
        Assert.Equal("Hidden", Text(own, findings));
        findings.AddDropped(new Dictionary<uint, TableState>());
        Assert.Equal("Unclear", Text(own, findings));
    }

    [Fact]
    public void A_snapshot_is_parsed_from_the_text_format_of_PostgreSQL()
    {
        var snapshot = TransactionSnapshot.Parse("4294967300:4294967310:4294967300,4294967305");

        Assert.Equal((4294967300UL, 4294967310UL), (snapshot.Minimum, snapshot.Maximum));
        Assert.Equal([4294967300UL, 4294967305UL], snapshot.Running);
        // The 32 bits of xmin, compared by their distance.
        Assert.Contains("age('4'::xid)", snapshot.Distance("xmin"), StringComparison.Ordinal);
        Assert.Contains("xmin = ANY (ARRAY['4'::xid, '9'::xid])", snapshot.NotSeen("xmin", "d", TransactionSnapshot.Parse("4294967320:4294967320:")), StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => TransactionSnapshot.Parse("1:2"));
    }

    private static (OwnWrites Own, ConcurrentWriteFindings Findings) Findings(long inserted, long deleted, bool isOwn)
    {
        var (before, own) = (new DatabaseState(new TransactionSnapshot(100, 110, []), new Dictionary<uint, TableState> { [1] = Table }, new Dictionary<string, long>()), new OwnWrites());
        if (isOwn)
            own.Note(Own, [new OwnChange(1, inserted, 0, deleted)]);
        return (own, new ConcurrentWriteFindings(before, own));
    }

    private static string Text(OwnWrites own, ConcurrentWriteFindings findings) =>
        findings.Written is ConcurrentWrites.Tables tables ? string.Join(",", tables.Names) : findings.Unclear is not null ? "Unclear" : findings.Hidden.Count > 0 ? "Hidden" : own.Untracked ?? "None";
}
