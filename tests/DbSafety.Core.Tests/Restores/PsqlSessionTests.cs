using DbSafety.Restores.InPlace;
using DbSafety.Tools;

namespace DbSafety.Core.Tests.Restores;

public sealed class PsqlSessionTests
{
    [Theory]
    [InlineData("psql:<stdin>:12: ERROR:  55P03: canceling statement due to lock timeout\nLOCATION:  ProcessInterrupts, postgres.c:3270", "55P03", "canceling statement due to lock timeout")]
    [InlineData("psql:<stdin>:3: NOTICE:  00000: drop cascades to 2 other objects\nDETAIL:  drop cascades to view v\npsql:<stdin>:4: ERROR:  40P01: deadlock detected", "40P01", "deadlock detected")]
    [InlineData("psql:<stdin>:3: WARNING:  01000: careful\npsql:<stdin>:9: FEHLER:  42P01: Relation »a« existiert nicht", "42P01", "Relation »a« existiert nicht")]
    [InlineData("psql:<stdin>:9: FATAL:  57P01: terminating connection due to administrator command", "57P01", "terminating connection due to administrator command")]
    [InlineData("psql: error: connection to server on socket failed", "", "psql: error: connection to server on socket failed")]
    [InlineData("", "", "psql failed with exit code 3")]
    public void The_first_error_is_found_among_notices(string error, string state, string text) =>
        Assert.Equal((state, text), PsqlSession.Error(new ToolResult(new ToolCommand("psql"), 3, "", error)));
}
