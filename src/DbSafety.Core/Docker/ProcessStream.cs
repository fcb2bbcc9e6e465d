using System.Diagnostics;

namespace DbSafety.Docker;

/// <summary>A connection that is a child process: what is written is its input, what is read its output. It ends with the stream.</summary>
internal sealed class ProcessStream(Process process) : Stream
{
    private readonly Stream input = process.StandardInput.BaseStream;
    private readonly Stream output = process.StandardOutput.BaseStream;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public void EndInput() => process.StandardInput.Close();

    public override int Read(byte[] buffer, int offset, int count) => output.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => output.Read(buffer);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => output.ReadAsync(buffer, offset, count, cancellationToken);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => output.ReadAsync(buffer, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => input.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => input.Write(buffer);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => input.WriteAsync(buffer, offset, count, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => input.WriteAsync(buffer, cancellationToken);

    public override void Flush() => input.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => input.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

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
