namespace DbSafety.Docker.Engine.Transport;

/// <summary>Keeps the last bytes that are written to it.</summary>
internal sealed class TailStream(int limit) : MemoryStream
{
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        base.Write(buffer);
        if (Length <= 2L * limit)
            return;
        var tail = ToArray()[^limit..];
        SetLength(0);
        base.Write(tail);
    }
}
