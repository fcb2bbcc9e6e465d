using DbSafety.Databases.Connections.Text;
using DbSafety.Errors;

namespace DbSafety.Core.Tests.Databases;

public sealed class ConnectionTableTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("dbsafety-connections-").FullName;

    public void Dispose()
    {
        ProcessVariables.Use(null);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Every_row_of_the_connection_table_resolves_to_its_documented_result()
    {
        ConnectionTable.WriteFiles(folder, t => t);
        var rows = ConnectionTable.Read(Repository.Folder("docs/connections.md"));
        Assert.True(rows.Count >= 60);
        Assert.Equal(Enumerable.Range(1, rows.Count), rows.Select(r => r.Number));
        var wrong = rows.Select(row => (row, is_: Outcome(row))).Where(r => r.is_ != r.row.Result).Select(r => $"{r.row}\n  means {r.is_}\n  should {r.row.Result}").ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private string Outcome(ConnectionRow row)
    {
        try
        {
            return ConnectionTable.Describe(ConnectionTable.Resolve(row, folder, Place)).Replace(folder, "", StringComparison.Ordinal);
        }
        catch (DbSafetyException e)
        {
            Assert.DoesNotContain("s3cret", e.ToString() + e.Hint + e.Target, StringComparison.Ordinal);
            return e.Code;
        }
    }

    /// <summary>Files of the table lie in the test's folder.</summary>
    private string Place(string text) => ConnectionTable.Files().Replace(text, m => folder + m.Value);
}
