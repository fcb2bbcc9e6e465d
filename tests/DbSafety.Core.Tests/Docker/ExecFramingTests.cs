using System.Buffers.Binary;
using System.Text;
using DbSafety.Docker.Engine.Models;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Errors;

namespace DbSafety.Core.Tests.Docker;

/// <summary>What comes of answers that are cut, come in pieces or are something else: a program's streams, pulls and events.</summary>
public sealed class ExecFramingTests
{
    private const string Head = "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";

    private static readonly ExecRequest Program = new("shop", "cat");

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4096)]
    public async Task Standard_output_and_standard_error_are_separated_for_any_chunk_size(int step)
    {
        await using var words = new EngineOfWords();
        words.Answer("/start", [.. Bytes(Head), .. Frame(1, "one "), .. Frame(2, "err"), .. Frame(1, ""), .. Frame(0, "echo "), .. Frame(1, "two\r\n\0ö")], step);
        using var engine = words.Client();
        Assert.Equal(new ExecResult(0, "one echo two\r\n\0ö", "err"), await engine.ExecAsync(Program, CancellationToken.None));
    }

    [Fact]
    public async Task Large_frames_are_received_unchanged()
    {
        await using var words = new EngineOfWords();
        var text = new string('x', 1_000_003);
        words.Answer("/start", [.. Bytes(Head), .. Frame(1, text), .. Frame(2, "err"), .. Frame(1, text)]);
        using var engine = words.Client();
        Assert.Equal(new ExecResult(0, text + text, "err"), await engine.ExecAsync(Program, CancellationToken.None));
    }

    [Fact]
    public async Task An_empty_stream_yields_empty_output()
    {
        await using var words = new EngineOfWords();
        words.Answer("/start", Bytes(Head));
        using var engine = words.Client();
        Assert.Equal(new ExecResult(0, "", ""), await engine.ExecAsync(Program, CancellationToken.None));
    }

    [Fact]
    public async Task A_stream_that_ends_inside_a_frame_or_its_header_is_an_error()
    {
        var whole = Frame(1, "shop");
        for (var length = 1; length < whole.Length; length++)
            Assert.Equal("DBS501", (await FailsAsync([.. Bytes(Head), .. whole[..length]])).Code);
    }

    [Fact]
    public async Task A_response_truncated_in_its_header_is_an_error_and_not_empty_output()
    {
        foreach (var length in new[] { 0, 5, 20, 21, Head.Length - 20, Head.Length - 3, Head.Length - 2, Head.Length - 1 })
        {
            var error = await FailsAsync(Bytes(Head[..length]));
            Assert.Equal("DBS501", error.Code);
            Assert.Contains("unexpected end of the response's header", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_stream_of_a_terminal_is_an_error_and_not_data() => Assert.Equal("DBS501", (await FailsAsync(Bytes(Head + "plain text of a terminal"))).Code);

    [Theory]
    [InlineData("HTTP/1.1 409 Conflict\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n13\r\n{\"message\":\"paused\"\r\n1\r\n}\r\n0\r\n\r\n", "DBS506")]
    [InlineData("HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\n\r\n{\"message\":\"no space left\"}", "DBS507")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\n<html", "DBS507")]
    [InlineData("HTTP/1.1 503\r\nNo-Colon\r\n\r\n", "DBS501")]
    public async Task An_error_response_is_parsed_in_any_transfer_encoding(string answer, string code)
    {
        var error = await FailsAsync(Bytes(answer));
        Assert.Equal(code, error.Code);
        if (code == "DBS507" && answer.Contains("no space", StringComparison.Ordinal))
            Assert.EndsWith("no space left", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_continues_after_the_end_of_the_input()
    {
        await using var words = new EngineOfWords();
        words.Answer("/start", async stream =>
        {
            await stream.WriteAsync(Bytes(Head));
            using var input = new MemoryStream();
            await stream.CopyToAsync(input);
            await stream.WriteAsync(Frame(1, $"took {input.Length}"));
        });
        using var engine = words.Client();
        using var output = new MemoryStream();
        var result = await engine.ExecAsync(Program, (s, ct) => s.CopyToAsync(output, ct), (s, ct) => s.WriteAsync(new byte[100_000], ct).AsTask(), CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal((0, "took 100000"), (result.ExitCode, Encoding.UTF8.GetString(output.ToArray())));
    }

    [Theory]
    [InlineData("")]
    [InlineData(Head)]
    public async Task Cancellation_stops_waiting_for_a_silent_stream(string beginning)
    {
        await using var words = new EngineOfWords();
        using var stop = new CancellationTokenSource();
        words.Answer("/start", async stream =>
        {
            await stream.WriteAsync(Bytes(beginning));
            await stop.CancelAsync();
            await stream.CopyToAsync(Stream.Null);
        });
        using var engine = words.Client();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.ExecAsync(Program, stop.Token).WaitAsync(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task Events_are_delivered_immediately_and_a_truncated_event_stream_is_an_error()
    {
        const string Event = """{"Type":"container","Action":"start","Actor":{"ID":"1","Attributes":{"name":"shop"}},"timeNano":7}""";
        await using var words = new EngineOfWords();
        words.Answer("/events", Bytes($"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{Event.Length + 1:x}\r\n{Event}\n\r\n"));
        using var engine = words.Client();
        var seen = new List<EngineEvent>();
        var error = await Assert.ThrowsAsync<DbSafetyException>(async () =>
        {
            await foreach (var one in engine.EventsAsync(DateTimeOffset.UnixEpoch, CancellationToken.None))
                seen.Add(one);
        });
        Assert.Equal("DBS501", error.Code);
        var happened = Assert.Single(seen);
        Assert.Equal(("container", "start", "1", "shop", 7), (happened.Type, happened.Action, happened.Actor!.Id, happened.Actor.Attributes!["name"], happened.TimeNano));
    }

    [Fact]
    public async Task A_pull_that_fails_after_its_start_is_an_error_with_the_message_of_the_registry()
    {
        await using var words = new EngineOfWords();
        words.Answer("/create", EngineOfWords.Json("200 OK", "{\"status\":\"Pulling\",\"id\":\"l\",\"progressDetail\":{\"current\":1,\"total\":2}}\r\n{\"errorDetail\":{\"message\":\"denied\"},\"error\":\"denied\"}\r\n"));
        using var engine = words.Client();
        var seen = new List<PullProgress>();
        var error = await Assert.ThrowsAsync<DbSafetyException>(() => engine.PullImageAsync("postgres:16", seen.Add, CancellationToken.None));
        Assert.Equal("DBS511", error.Code);
        Assert.Contains("denied", error.Message, StringComparison.Ordinal);
        Assert.Equal([new PullProgress("Pulling", "l", null, new PullDetail(1, 2))], seen);
    }

    private static async Task<DbSafetyException> FailsAsync(byte[] answer)
    {
        await using var words = new EngineOfWords();
        words.Answer("/start", answer);
        using var engine = words.Client();
        return await Assert.ThrowsAsync<DbSafetyException>(() => engine.ExecAsync(Program, CancellationToken.None));
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Frame(byte kind, string text)
    {
        var content = Encoding.UTF8.GetBytes(text);
        var frame = new byte[8 + content.Length];
        frame[0] = kind;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), (uint)content.Length);
        content.CopyTo(frame, 8);
        return frame;
    }
}
