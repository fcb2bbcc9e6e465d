namespace DbSafety.Backups.Sets;

/// <summary>Explains damage to a dump that was transferred as text.</summary>
internal static class TextDamage
{
    /// <summary>Both write a CR before each LF, so that removing one CR before each LF restores every byte.</summary>
    public const string LineEnds = "its line endings were converted to CR LF, by a terminal (docker exec -t) or by a text tool on Windows; to convert them back: LC_ALL=C sed 's/\\r$//' DUMP > NEW";

    private const string Utf16 = "it is UTF-16: its bytes were converted as text, as > of Windows PowerShell does; let pg_dump write the file (--file)";
    private const string Replaced = "bytes that are not valid UTF-8 were replaced: it was converted as text; let pg_dump write the file (--file)";
    private const int Enough = 1 << 20;

    /// <summary>In words; null if the text does not show this.</summary>
    public static string? Explain(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) || (head.Length >= 4 && head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0))
            return Utf16;
        if (head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0xEF, 0xBF, 0xBD]) || head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xEF, 0xBF, 0xBD]))
            return Replaced;
        int feeds = head.Count((byte)'\n'), pairs = head.Count("\r\n"u8);
        return feeds >= 2 && feeds == pairs ? LineEnds : null;
    }

    public static string? Explain(string path)
    {
        using var file = SetFiles.Open(path);
        var head = new byte[Math.Min(Enough, file.Length)];
        file.ReadExactly(head);
        return Explain(head);
    }
}
