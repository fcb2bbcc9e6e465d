namespace DbSafety.Operations;

/// <summary>Counts the bytes that several threads process, and reports them at intervals.</summary>
/// <param name="total">The total, possibly an estimate; null or 0: unknown.</param>
internal sealed class ByteProgress(IOperationEvents events, string activity, long? total)
{
    private const long Step = 4 << 20;

    /// <summary>With an estimated total, progress never reaches 1.</summary>
    private const double Most = 0.99;

    private long bytes;

    public void Add(long more)
    {
        var now = Interlocked.Add(ref bytes, more);
        if (now / Step != (now - more) / Step)
            events.Raise(new ProgressEvent(activity, "", total > 0 ? Math.Min((double)now / total.Value, Most) : null) { Bytes = now });
    }
}
