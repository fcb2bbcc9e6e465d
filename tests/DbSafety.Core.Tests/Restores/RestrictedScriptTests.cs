using System.Text;
using DbSafety.Restores.Filling.Scripts;
using DbSafety.Tools;

namespace DbSafety.Core.Tests.Restores;

public sealed class RestrictedScriptTests
{
    [Theory]
    [InlineData("15.18", true)]
    [InlineData("15.14", true)]
    [InlineData("15.13", false)]
    [InlineData("13.22", true)]
    [InlineData("12.22", false)]
    [InlineData("18.0", true)]
    [InlineData("19.2", true)]
    public async Task Restricted_mode_is_enabled_while_the_script_runs_if_psql_supports_it(string version, bool knows)
    {
        using var input = new MemoryStream();
        await RestrictedScript.WriteAsync(PgTools.ParseVersion("psql", $"psql (PostgreSQL) {version} (Debian {version}-1)")!, input, (stream, token) => stream.WriteAsync("SELECT 1;"u8.ToArray(), token).AsTask(), CancellationToken.None);

        var lines = Encoding.ASCII.GetString(input.ToArray()).Split('\n');
        Assert.Equal(knows, lines[0].StartsWith("\\restrict ", StringComparison.Ordinal));
        Assert.Equal(knows, lines.Any(l => l == lines[0].Replace("\\restrict", "\\unrestrict", StringComparison.Ordinal) && l != lines[0]));
        Assert.Contains("SELECT 1;", lines);
    }
}
