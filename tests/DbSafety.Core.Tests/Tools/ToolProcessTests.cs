using System.Text;
using DbSafety.Errors;
using DbSafety.Tools;

namespace DbSafety.Core.Tests.Tools;

public sealed class ToolProcessTests
{
    private static readonly byte[] Megabyte = new byte[1 << 20];

    [Fact]
    public async Task Much_output_on_both_streams_holds_up_neither_and_the_end_of_the_errors_is_kept()
    {
        // Nothing can be read from the output before a megabyte of errors is.
        var result = await ToolProcess.RunAsync(Shell("head -c 1048576 /dev/zero | tr '\\0' e >&2; echo >&2; echo 'pg_dump: error: the end' >&2; head -c 1048576 /dev/zero | tr '\\0' o"), CancellationToken.None);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(1 << 20, result.Output.Length);
        Assert.EndsWith("e\npg_dump: error: the end\n", result.Error, StringComparison.Ordinal);
        Assert.Equal(64 * 1024, result.Error.Length);
    }

    [Fact]
    public async Task An_exit_code_and_a_signal_are_errors_of_their_own()
    {
        var failed = await ToolProcess.RunAsync(Shell("echo 'note' >&2; echo 'sh: error: no space' >&2; echo 'cleaning up' >&2; exit 7"), CancellationToken.None);
        Assert.Equal(7, failed.ExitCode);
        var error = Assert.Throws<DbSafetyException>(failed.OrThrow);
        Assert.Equal(("DBS112", "sh failed with exit code 7: sh: error: no space"), (error.Code, error.Message));

        var killed = await ToolProcess.RunAsync(Shell("kill -KILL $$"), CancellationToken.None);
        error = Assert.Throws<DbSafetyException>(killed.OrThrow);
        Assert.Equal(("DBS113", "sh was terminated by signal 9 before it finished"), (error.Code, error.Message));
    }

    [Fact]
    public async Task Cancellation_ends_the_program_and_the_programs_that_it_started()
    {
        using var stop = new CancellationTokenSource();
        var started = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ToolProcess.RunAsync(
            Shell("sleep 600 & echo $!; wait"),
            async (output, ct) =>
            {
                using var reader = new StreamReader(output);
                started = int.Parse((await reader.ReadLineAsync(ct))!, System.Globalization.CultureInfo.InvariantCulture);
                await stop.CancelAsync();
                await reader.ReadToEndAsync(ct);
            },
            null,
            stop.Token));

        // The kernel closes the files of a process just before it marks it as ended.
        for (var i = 0; i < 1000 && IsRunning(started); i++)
            await Task.Delay(10);
        Assert.False(IsRunning(started));
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_named()
    {
        var error = await Assert.ThrowsAsync<DbSafetyException>(() => ToolProcess.RunAsync(new ToolCommand("/nowhere/pg_dump"), CancellationToken.None));
        Assert.Equal(("DBS110", "/nowhere/pg_dump was not found on this machine"), (error.Code, error.Message));
    }

    [Fact]
    public async Task Unread_input_of_a_failed_program_is_not_a_separate_error()
    {
        var result = await ToolProcess.RunAsync(Shell("exec 0<&-; echo 'refused' >&2; exit 3"), CancellationToken.None, WriteMuchAsync);
        Assert.Equal((3, "refused\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Input_that_a_program_has_not_read_is_an_error_although_it_reports_success() =>
        await Assert.ThrowsAsync<IOException>(() => ToolProcess.RunAsync(Shell("exec 0<&-; exit 0"), CancellationToken.None, WriteMuchAsync));

    [Fact]
    public async Task A_reader_that_fails_ends_the_program_unless_the_program_failed_first()
    {
        static Task FailAsync(Stream output, CancellationToken ct) => throw new InvalidDataException("no archive");
        await Assert.ThrowsAsync<InvalidDataException>(() => ToolProcess.RunAsync(Shell("sleep 600"), FailAsync, null, CancellationToken.None));

        var result = await ToolProcess.RunAsync(
            Shell("echo 'no such table' >&2; exit 5"),
            async (output, ct) =>
            {
                await output.CopyToAsync(Stream.Null, ct);
                throw new InvalidDataException("unexpected end of file");
            },
            null,
            CancellationToken.None);
        Assert.Equal((5, "no such table\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Bytes_go_in_and_come_out_as_they_are_with_the_variables_of_the_program_alone()
    {
        byte[] bytes = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        var output = new MemoryStream();
        await ToolProcess.RunAsync(Shell("cat"), (stream, ct) => stream.CopyToAsync(output, ct), (stream, ct) => stream.WriteAsync(bytes, ct).AsTask(), CancellationToken.None);
        Assert.Equal(bytes, output.ToArray());

        var variables = new Dictionary<string, string?> { ["PGPASSWORD"] = "a b", ["HOME"] = null, ["LC_ALL"] = "de_DE.UTF-8" };
        var shown = await ToolProcess.RunAsync(Shell("echo \"$PGPASSWORD|${HOME-unset}|${LC_ALL-unset}|$LC_MESSAGES\"") with { Environment = variables }, CancellationToken.None);
        Assert.Equal("a b|unset|unset|C\n", shown.Output);
        Assert.NotEqual("a b", Environment.GetEnvironmentVariable("PGPASSWORD"));
    }

    private static ToolCommand Shell(string script) => new("sh", "-c", script);

    private static async Task WriteMuchAsync(Stream input, CancellationToken ct) => await input.WriteAsync(Megabyte, ct);

    /// <summary>One that has ended stays in the list until its parent has read its exit code.</summary>
    private static bool IsRunning(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat", Encoding.ASCII).Split(')')[^1].TrimStart()[0] is not ('Z' or 'X');
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }
}
