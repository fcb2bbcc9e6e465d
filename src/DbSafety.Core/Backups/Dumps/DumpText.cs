using System.Text;
using System.Text.RegularExpressions;
using DbSafety.Databases.Connections.Text;
using DbSafety.Databases.Tables;

namespace DbSafety.Backups.Dumps;

/// <summary>
/// The text of a dump in the encoding that it names with <c>SET client_encoding</c>
/// (https://www.postgresql.org/docs/current/multibyte.html): names are decoded as the server decodes them for our own sessions.
/// </summary>
internal static partial class DumpText
{
    /// <summary>Each byte is one character: nothing is lost, and everything that SQL's syntax consists of can be read.</summary>
    public static readonly Encoding Raw = Encoding.Latin1;

    /// <summary>Code pages of Windows and ISO for the encodings that have other names in PostgreSQL.</summary>
    private static readonly Dictionary<string, int> CodePages = new(StringComparer.OrdinalIgnoreCase)
    {
        ["LATIN1"] = 28591, ["LATIN2"] = 28592, ["LATIN3"] = 28593, ["LATIN4"] = 28594, ["LATIN5"] = 28599, ["LATIN7"] = 28603, ["LATIN9"] = 28605,
        ["ISO_8859_5"] = 28595, ["ISO_8859_6"] = 28596, ["ISO_8859_7"] = 28597, ["ISO_8859_8"] = 28598,
        ["KOI8R"] = 20866, ["KOI8U"] = 21866, ["WIN866"] = 866, ["WIN874"] = 874,
        ["WIN1250"] = 1250, ["WIN1251"] = 1251, ["WIN1252"] = 1252, ["WIN1253"] = 1253, ["WIN1254"] = 1254, ["WIN1255"] = 1255, ["WIN1256"] = 1256, ["WIN1257"] = 1257, ["WIN1258"] = 1258,
        ["EUC_JP"] = 51932, ["EUC_KR"] = 51949, ["EUC_CN"] = 51936,
        ["SJIS"] = 932, ["BIG5"] = 950, ["GBK"] = 936, ["UHC"] = 949, ["GB18030"] = 54936, ["JOHAB"] = 1361,
    };

    /// <summary>UTF-8 where the encoding is UTF8 or not known here.</summary>
    public static Encoding EncodingOf(string name) =>
        name.Equals(ByteText.ServerEncoding, StringComparison.OrdinalIgnoreCase) ? ByteText.Encoding
        : !CodePages.TryGetValue(name, out var page) ? Encoding.UTF8
        : page == Encoding.Latin1.CodePage ? Encoding.Latin1
        : CodePagesEncodingProvider.Instance.GetEncoding(page) ?? Encoding.UTF8;

    /// <summary>A complete script in the encoding that it names.</summary>
    public static string Decode(byte[] script)
    {
        var raw = Raw.GetString(script);
        var named = NamePattern().Match(raw);
        return Decode(raw, named.Success ? EncodingOf(named.Groups[1].Value) : Encoding.UTF8);
    }

    /// <summary>What <see cref="Raw"/> has read, in the dump's encoding.</summary>
    public static string Decode(string raw, Encoding encoding) => Ascii.IsValid(raw) ? raw : encoding.GetString(Raw.GetBytes(raw));

    [GeneratedRegex(@"^SET client_encoding = '(\w+)';", RegexOptions.Multiline)]
    private static partial Regex NamePattern();
}
