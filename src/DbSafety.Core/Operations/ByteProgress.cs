namespace DbSafety.Operations;

/// <summary>Counts the bytes of a piece of work that several threads do, and reports them now and then.</summary>
/// <param name="total">How many there will be, if only about; null or 0: nobody knows.</param>
internal sealed class ByteProgress(IOperationEvents events, string activity, long? total)
{
    private const long Step = 4 << 20;

    /// <summary>An estimate is never the end.</summary>
    private const double Most = 0.99;

    private long bytes;

    public void Add(long more)
    {
        var now = Interlocked.Add(ref bytes, more);
        if (now / Step != (now - more) / Step)
            events.Raise(new ProgressEvent(activity, "", total > 0 ? Math.Min((double)now / total.Value, Most) : null) { Bytes = now });
    }
}
