using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Connections.Text;
using DbSafety.Operations;
using DbSafety.Restores.Filling.Scripts;
using DbSafety.Tools;

namespace DbSafety.Restores.InPlace;

/// <summary>
/// One interactive session of psql: it waits for the result of each statement. Only psql can run a dump's script, so the transaction that
/// the script belongs to is psql's, from its locks to its COMMIT. psql ends at the first error (<c>ON_ERROR_STOP</c>), and with it the transaction.
/// </summary>
internal sealed partial class PsqlSession
{
    private readonly ChannelReader<string> output;

    private readonly Encoding encoding;

    private readonly PgTool psql;

    private readonly Stream input;

    private PsqlSession(PgTool psql, Stream input, Encoding encoding, ChannelReader<string> output)
    {
        this.psql = psql;
        this.input = input;
        this.encoding = encoding;
        this.output = output;
    }

    /// <summary>For input that is not a single statement: the script of a dump.</summary>
    public Task WriteAsync(Func<Stream, CancellationToken, Task> script, CancellationToken ct) => RestrictedScript.WriteAsync(psql, input, script, ct);

    /// <summary>Runs psql until <paramref name="conversation"/> returns or psql ends.</summary>
    /// <param name="clientEncoding">UTF8, or SQL_ASCII for a database whose text can be any bytes.</param>
    /// <returns>How psql ended. The conversation's own exceptions are thrown.</returns>
    public static async Task<ToolResult> RunAsync(
        PgTool psql, DatabaseTarget target, string clientEncoding, Func<PsqlSession, CancellationToken, Task> conversation, IOperationEvents events, CancellationToken ct)
    {
        var command = psql.Command(
            ["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1", "--set=VERBOSITY=verbose", "--no-password", "--dbname=" + target.ToolConnectionName, "--file=-"],
            new Dictionary<string, string?>(target.ToolEnvironment(), StringComparer.Ordinal) { ["PGAPPNAME"] = "dbsafety restore", ["PGCLIENTENCODING"] = clientEncoding });
        var encoding = clientEncoding == ByteText.ServerEncoding ? ByteText.Encoding : Encoding.UTF8;
        events.Debug(command.ToString());
        var lines = Channel.CreateUnbounded<string>();
        return await ToolProcess.RunAsync(
            command,
            async (stream, token) =>
            {
                try
                {
                    using var reader = new StreamReader(stream, encoding);
                    while (await reader.ReadLineAsync(token) is { } line)
                        await lines.Writer.WriteAsync(line, token);
                }
                finally
                {
                    lines.Writer.TryComplete();
                }
            },
            (stream, token) => conversation(new PsqlSession(psql, stream, encoding, lines.Reader), token),
            ct);
    }

    /// <summary>Sends statements and waits until the last has been executed.</summary>
    /// <exception cref="IOException">psql has ended: its exit code and its messages show why.</exception>
    public Task ExecuteAsync(IEnumerable<string> statements, CancellationToken ct) => AskAsync(statements, ct);

    /// <inheritdoc cref="ExecuteAsync(IEnumerable{string}, CancellationToken)"/>
    public Task ExecuteAsync(string statement, CancellationToken ct) => AskAsync([statement], ct);

    /// <summary>The rows of a query.</summary>
    /// <inheritdoc cref="ExecuteAsync(IEnumerable{string}, CancellationToken)" path="/exception"/>
    public async Task<List<T>> ListAsync<T>(string sql, Func<JsonElement, T> read, CancellationToken ct)
    {
        // JSON escapes line ends: a row is a line.
        var rows = new List<T>();
        foreach (var line in await AskAsync([$"SELECT pg_catalog.row_to_json(answer) FROM ({sql}) AS answer"], ct))
        {
            using var row = JsonDocument.Parse(line);
            rows.Add(read(row.RootElement));
        }

        return rows;
    }

    private async Task<List<string>> AskAsync(IEnumerable<string> statements, CancellationToken ct)
    {
        var end = "dbsafety:" + Guid.NewGuid().ToString("N");
        await input.WriteAsync(encoding.GetBytes(string.Concat(statements.Select(s => s + ";\n")) + "\\echo " + end + "\n"), ct);
        await input.FlushAsync(ct);
        var lines = new List<string>();
        await foreach (var line in output.ReadAllAsync(ct))
        {
            if (line == end)
                return lines;
            lines.Add(line);
        }

        throw new IOException("psql exited before it returned a result");
    }

    /// <summary>The first error that psql reported: its SQLSTATE (empty where the server gave none) and its text.</summary>
    public static (string SqlState, string Text) Error(ToolResult result)
    {
        if (ErrorPattern().Match(result.Error) is { Success: true } error)
            return (error.Groups[1].Value, error.Groups[2].Value.Trim());
        var lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return ("", lines.FirstOrDefault() ?? $"psql exited with exit code {result.ExitCode}");
    }

    /// <summary>
    /// As psql prints it with VERBOSITY verbose. The severity's word depends on the server's language; notices and warnings have a SQLSTATE of the classes
    /// 00 to 02 (https://www.postgresql.org/docs/current/errcodes-appendix.html).
    /// </summary>
    [GeneratedRegex(@"^psql:[^\n]*?: +[^\s:]+: +((?!0[012])[0-9A-Z]{5}): ([^\n]*)", RegexOptions.Multiline)]
    private static partial Regex ErrorPattern();
}
