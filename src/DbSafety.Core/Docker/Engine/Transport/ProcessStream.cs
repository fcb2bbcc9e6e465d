using System.Diagnostics;

namespace DbSafety.Docker.Engine.Transport;

/// <summary>A connection that is a child process: what is written is its input, what is read its output. It ends with the stream.</summary>
internal sealed class ProcessStream(Process process) : Stream
{
    private readonly Stream input = process.StandardInput.BaseStream;
    private readonly Stream output = process.StandardOutput.BaseStream;
    private readonly Task<string> error = process.StandardError.ReadToEndAsync();
    private bool answered;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public void EndInput() => process.StandardInput.Close();

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => Answered(output.Read(buffer), buffer.Length);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Answered(await output.ReadAsync(buffer, cancellationToken), buffer.Length);

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            input.Write(buffer);
        }
        catch (IOException e) when (!answered && SshConnection.LastWords(error) is { } words)
        {
            throw new IOException(words, e);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await input.WriteAsync(buffer, cancellationToken);
        }
        catch (IOException e) when (!answered && SshConnection.LastWords(error) is { } words)
        {
            throw new IOException(words, e);
        }
    }

    public override void Flush() => input.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => input.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>A program that ends before its first byte has written the reason to standard error.</summary>
    private int Answered(int count, int wanted)
    {
        answered |= count > 0;
        return count > 0 || wanted == 0 || answered || SshConnection.LastWords(error) is not { } words ? count : throw new IOException(words);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            try
            {
                process.Kill(entireProcessTree: true);
            }
            catch (InvalidOperationException)
            {
                // It had ended by itself.
            }

            process.Dispose();
        }

        base.Dispose(disposing);
    }
}
