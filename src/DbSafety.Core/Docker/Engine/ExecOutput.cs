using System.IO.Pipelines;
using Docker.DotNet;

namespace DbSafety.Docker.Engine;

/// <summary>
/// Copies the output of a program in a container to a pipe, and its standard error to a buffer, on a separate thread that blocks on the socket: waking a
/// reader for every frame would cost more than reading the bytes.
/// </summary>
internal sealed class ExecOutput(ExecConnection connection, Stream error)
{
    private const int Chunk = 128 * 1024;
    private const int Least = 16 * 1024;

    /// <summary>For the pipe: a slow reader makes the program wait.</summary>
    public static PipeOptions Bounds { get; } = new(pauseWriterThreshold: 4 << 20, resumeWriterThreshold: 1 << 20, minimumSegmentSize: Chunk, useSynchronizationContext: false);

    /// <summary>The engine has closed it, with no frame left unfinished.</summary>
    public bool HasEnded { get; private set; }

    public Task PumpAsync(PipeWriter target) =>
        Task.Factory.StartNew(() => Pump(target), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Pump(PipeWriter target)
    {
        try
        {
            var waiting = 0;
            while (true)
            {
                var bytes = target.GetMemory(Least);
                var read = connection.Read(bytes);
                HasEnded = read.EOF;
                if (HasEnded)
                    break;
                if (read.Target == MultiplexedStream.TargetStream.StandardError)
                    error.Write(bytes.Span[..read.Count]);
                else
                {
                    // Standard input is what engines echo on standard output.
                    target.Advance(read.Count);
                    waiting += read.Count;
                }

                if (waiting >= Chunk || !connection.HasMore)
                {
                    waiting = 0;
                    if (Flush(target))
                        break;
                }
            }

            target.Complete();
        }
        catch (Exception e)
        {
            target.Complete(e);
        }
    }

    /// <summary>True when the reader has stopped.</summary>
    private static bool Flush(PipeWriter target)
    {
        var flushing = target.FlushAsync();
        return (flushing.IsCompletedSuccessfully ? flushing.Result : flushing.AsTask().GetAwaiter().GetResult()).IsCompleted;
    }
}
