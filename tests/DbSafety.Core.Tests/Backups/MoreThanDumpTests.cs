using System.Text;
using DbSafety.Backups;
using DbSafety.Backups.Dumps;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Core.Tests.Backups;

/// <summary>Files that hold messages or other dumps beside a dump.</summary>
public sealed class MoreThanDumpTests
{
    private const string Dump = "--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\nSET client_encoding = 'UTF8';\n\n--\n-- Name: t; Type: TABLE; Schema: app; Owner: ann\n--\n\nCREATE TABLE app.t (a integer);\n\n--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n";

    [Theory]
    [InlineData("pg_dump: warning: x\n" + Dump, "text precedes it: pg_dump: warning: x", "Remove it: tail -n +2 FILE > NEW.")]
    [InlineData("a\nb\n" + Dump, "text precedes it: a", "Remove it: tail -n +3 FILE > NEW.")]
    [InlineData(Dump + "\npg_dump: done\n\n", "line 21 is not an SQL statement: pg_dump: done", "Remove the text that is not SQL.")]
    public void The_error_for_text_around_a_dump_describes_how_to_remove_the_text(string sql, string what, string way)
    {
        var error = Assert.Throws<MoreThanDumpException>(() => Read(sql));
        Assert.Equal(what, error.Message);
        Assert.StartsWith(way, error.Way, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_between_the_entries_of_a_dump_is_reported_with_its_line() =>
        Assert.Equal("line 8 is not an SQL statement: pg_dump: reading", Assert.Throws<MoreThanDumpException>(() => Read(Dump.Replace("'UTF8';\n", "'UTF8';\npg_dump: reading\n", StringComparison.Ordinal))).Message);

    [Fact]
    public void A_truncated_dump_followed_by_another_dump_is_damaged() =>
        Assert.Contains("it is incomplete", Assert.Throws<DumpDamagedException>(() => Read(Dump[..Dump.IndexOf(" integer", StringComparison.Ordinal)] + "\n" + Dump)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_backup_test_reports_extra_content_around_a_dump_as_DBS229_and_not_as_damage()
    {
        var path = Path.GetTempFileName();
        try
        {
            foreach (var (content, way) in new[] { (Encoding.UTF8.GetBytes("log\n" + Dump), "tail -n +2 "), ([.. "log\n"u8, .. "PGDMP\u0001\u000e\0"u8], "tail -c +5 ") })
            {
                await File.WriteAllBytesAsync(path, content);
                var error = await Assert.ThrowsAsync<DbSafetyException>(() => new TestBackup().RunAsync(new BackupTestRequest(path), OperationEvents.None, CancellationToken.None));
                Assert.Equal(("DBS229", 3), (error.Code, error.ExitCode));
                Assert.Contains(way, error.Hint, StringComparison.Ordinal);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static PlainContent Read(string sql) => PlainDump.Read(new MemoryStream(Encoding.UTF8.GetBytes(sql)), CancellationToken.None);
}
