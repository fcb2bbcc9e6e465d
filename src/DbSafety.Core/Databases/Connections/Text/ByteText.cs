using System.Buffers;
using System.Text;
using Npgsql;

namespace DbSafety.Databases.Connections.Text;

/// <summary>
/// Text of a database with the encoding SQL_ASCII, which can hold any bytes: UTF-8 where it is valid, and each other byte as a character of its own from
/// U+F780 to U+F7FF, which is encoded as that byte again. Nothing is lost, and names and definitions in UTF-8 are what they are elsewhere.
/// </summary>
internal sealed class ByteText : Encoding
{
    public const string ServerEncoding = "SQL_ASCII";

    private const string Name = "dbsafety-bytes";
    private const int FirstByte = 0xF700;

    public static readonly ByteText Encoding = new();

    static ByteText() => RegisterProvider(new Provider());

    private ByteText()
    {
    }

    /// <summary>Whether the server validates as UTF-8, in this session, text that is possibly not UTF-8.</summary>
    public static bool IsNeeded(NpgsqlConnection connection) =>
        connection.PostgresParameters.TryGetValue("server_encoding", out var server) && server == ServerEncoding
        && connection.PostgresParameters.TryGetValue("client_encoding", out var client) && client != ServerEncoding;

    /// <summary>The same connection string, for a session in which the server sends bytes as they are.</summary>
    public static string ConnectionString(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Encoding = Name, ClientEncoding = ServerEncoding }.ConnectionString;

    public override string EncodingName => Name;

    public override string WebName => Name;

    public override int GetByteCount(char[] chars, int index, int count) => Bytes(chars.AsSpan(index, count)).Length;

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex)
    {
        var encoded = Bytes(chars.AsSpan(charIndex, charCount));
        encoded.CopyTo(bytes, byteIndex);
        return encoded.Length;
    }

    public override int GetCharCount(byte[] bytes, int index, int count) => Text(bytes.AsSpan(index, count)).Length;

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
    {
        var text = Text(bytes.AsSpan(byteIndex, byteCount));
        text.CopyTo(0, chars, charIndex, text.Length);
        return text.Length;
    }

    public override int GetMaxByteCount(int charCount) => UTF8.GetMaxByteCount(charCount);

    public override int GetMaxCharCount(int byteCount) => byteCount;

    private static byte[] Bytes(ReadOnlySpan<char> text)
    {
        var bytes = new byte[UTF8.GetMaxByteCount(text.Length)];
        var length = 0;
        while (!text.IsEmpty)
        {
            if (IsByte(text[0]))
            {
                bytes[length++] = (byte)(text[0] - FirstByte);
                text = text[1..];
                continue;
            }

            var plain = 1;
            while (plain < text.Length && !IsByte(text[plain]))
                plain++;
            length += UTF8.GetBytes(text[..plain], bytes.AsSpan(length));
            text = text[plain..];
        }

        return bytes[..length];
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        Span<char> chars = stackalloc char[2];
        while (!bytes.IsEmpty)
        {
            var isValid = Rune.DecodeFromUtf8(bytes, out var rune, out var length) == OperationStatus.Done && !(rune.IsBmp && IsByte((char)rune.Value));
            if (isValid)
                text.Append(chars[..rune.EncodeToUtf16(chars)]);
            for (var i = 0; i < length && !isValid; i++)
                text.Append((char)(FirstByte + bytes[i]));
            bytes = bytes[length..];
        }

        return text.ToString();
    }

    private static bool IsByte(char c) => c is >= (char)(FirstByte + 0x80) and <= (char)(FirstByte + 0xFF);

    /// <summary>Npgsql takes an encoding by its name.</summary>
    private sealed class Provider : EncodingProvider
    {
        public override Encoding? GetEncoding(int codepage) => null;

        public override Encoding? GetEncoding(string name) => name == Name ? Encoding : null;

        // Everything can be decoded: no fallback is ever used.
        public override Encoding? GetEncoding(string name, EncoderFallback encoderFallback, DecoderFallback decoderFallback) => GetEncoding(name);
    }
}
