using System.Buffers.Binary;
using System.Text;
using DbSafety.Docker;

namespace DbSafety.Core.Tests.Docker;

public sealed class MultiplexedStreamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4096)]
    public async Task Both_outputs_come_apart_however_the_bytes_arrive(int step)
    {
        byte[] bytes = [.. Frame(1, "one "), .. Frame(2, "err"), .. Frame(1, ""), .. Frame(0, "echo "), .. Frame(1, "two\r\n\0ö")];
        var (output, error) = await TakeApartAsync(bytes, step);
        Assert.Equal(("one echo two\r\n\0ö", "err"), (output, error));
    }

    [Fact]
    public async Task An_empty_stream_is_empty() => Assert.Equal(("", ""), await TakeApartAsync([], 16));

    [Fact]
    public async Task A_stream_that_ends_inside_a_frame_or_its_header_is_an_error()
    {
        var whole = Frame(1, "shop");
        for (var length = 1; length < whole.Length; length++)
            await Assert.ThrowsAsync<EngineStreamException>(() => TakeApartAsync(whole[..length], 16));
    }

    [Fact]
    public async Task A_terminals_stream_is_an_error_and_not_data() =>
        await Assert.ThrowsAsync<EngineStreamException>(() => TakeApartAsync(Encoding.ASCII.GetBytes("plain text of a terminal"), 16));

    private static byte[] Frame(byte kind, string text)
    {
        var content = Encoding.UTF8.GetBytes(text);
        var frame = new byte[8 + content.Length];
        frame[0] = kind;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), (uint)content.Length);
        content.CopyTo(frame, 8);
        return frame;
    }

    private static async Task<(string Output, string Error)> TakeApartAsync(byte[] bytes, int step)
    {
        using var source = new SlowStream(bytes, step);
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        await MultiplexedStream.CopyAsync(source, output, error, CancellationToken.None);
        return (Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()));
    }

    /// <summary>Hands out a few bytes at a time, as a network does.</summary>
    private sealed class SlowStream(byte[] bytes, int step) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(step, buffer.Length)], cancellationToken);
    }
}
