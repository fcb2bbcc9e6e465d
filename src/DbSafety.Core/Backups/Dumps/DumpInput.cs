using System.Text;

namespace DbSafety.Backups.Dumps;

/// <summary>Reads a dump by bytes through its own buffer, and counts them.</summary>
internal sealed class DumpInput(Stream stream)
{
    private readonly byte[] buffer = new byte[256 * 1024];
    private int at;
    private int end;

    /// <summary>Of <see cref="ReadText"/>.</summary>
    public Encoding TextEncoding { get; set; } = Encoding.UTF8;

    /// <summary>Bytes taken so far.</summary>
    public long Position { get; private set; }

    /// <summary>The next bytes, at least one; empty at the end of the stream. They stay until <see cref="Take"/> is called.</summary>
    public ReadOnlySpan<byte> Peek()
    {
        if (at == end)
        {
            at = 0;
            end = stream.Read(buffer, 0, buffer.Length);
        }

        return buffer.AsSpan(at, end - at);
    }

    public void Take(int count)
    {
        at += count;
        Position += count;
    }

    /// <summary>The next byte, or -1 at the end.</summary>
    public int TryReadByte()
    {
        var next = Peek();
        if (next.IsEmpty)
            return -1;
        var value = next[0];
        Take(1);
        return value;
    }

    public byte ReadByte() => TryReadByte() is >= 0 and var value ? (byte)value : throw CutOff();

    public void Fill(Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            var next = Peek();
            if (next.IsEmpty)
                throw CutOff();
            var count = Math.Min(next.Length, target.Length);
            next[..count].CopyTo(target);
            target = target[count..];
            Take(count);
        }
    }

    public string ReadText(int bytes)
    {
        // A damaged length must not cost memory that the dump does not have bytes for.
        var text = new byte[Math.Min(bytes, buffer.Length)];
        Fill(text);
        for (var have = text.Length; have < bytes; have = text.Length)
        {
            Array.Resize(ref text, (int)Math.Min(bytes, 2L * have));
            Fill(text.AsSpan(have));
        }

        return TextEncoding.GetString(text);
    }

    public DumpDamagedException CutOff() => new($"unexpected end of file after {Position:N0} bytes");
}
