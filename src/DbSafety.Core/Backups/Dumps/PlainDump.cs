using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace DbSafety.Backups.Dumps;

/// <summary>
/// Reads a plain dump of pg_dump from its first byte to its last and counts what is in it. It follows quotes, dollar quotes and comments
/// over lines, so that a COPY inside a function's body or a comment is not taken for one.
/// </summary>
internal sealed partial class PlainDump
{
    private static readonly byte[] CopyEnd = [(byte)'\\', (byte)'.'];

    private readonly DumpInput input;
    private readonly List<TableCount> tables = [];
    private readonly List<SequenceValue> sequences = [];
    private readonly SortedSet<string> owners = new(StringComparer.Ordinal);
    private readonly List<string> secrets = [];
    private readonly PlainDumpQuotes quotes = new();
    private readonly StringBuilder statement = new();
    private long largeObjects;
    private bool complete;

    private PlainDump(Stream stream) => input = new DumpInput(stream);

    /// <exception cref="DumpDamagedException">It is cut off.</exception>
    public static DumpCensus Count(Stream stream, CancellationToken ct)
    {
        var dump = new PlainDump(stream);
        while (dump.ReadLine() is { } line)
        {
            ct.ThrowIfCancellationRequested();
            dump.Take(line);
        }

        if (!dump.complete)
            throw dump.input.CutOff();
        return new DumpCensus
        {
            Tables = dump.tables,
            Sequences = [.. dump.sequences.OrderBy(s => s.Schema, StringComparer.Ordinal).ThenBy(s => s.Name, StringComparer.Ordinal)],
            LargeObjects = dump.largeObjects,
            Owners = [.. dump.owners],
            Secrets = dump.secrets,
            Bytes = dump.input.Position,
        };
    }

    private void Take(string line)
    {
        var atStart = statement.Length == 0 && !quotes.AreOpen;
        if (atStart && line.StartsWith("--", StringComparison.Ordinal))
        {
            TakeComment(line);
            return;
        }

        if (atStart && (line.Length == 0 || line[0] == '\\'))
            return;
        statement.Append(line).Append('\n');
        if (quotes.Follow(line) && line.EndsWith(';'))
        {
            TakeStatement(statement.ToString());
            statement.Clear();
        }
    }

    private void TakeComment(string line)
    {
        complete |= line == "-- PostgreSQL database dump complete";
        if (OwnerPattern().Match(line) is { Success: true } owner && owner.Groups[1].Value != "-")
            owners.Add(owner.Groups[1].Value);
    }

    private void TakeStatement(string text)
    {
        if (CopyPattern().Match(text) is { Success: true } copy)
            tables.Add(new TableCount(Unquote(copy.Groups[1].Value), Unquote(copy.Groups[2].Value), SkipRows()));
        else if (SetvalPattern().Match(text) is { Success: true } setval)
            sequences.Add(SequenceOf(setval));
        else if (text.StartsWith("SELECT pg_catalog.lo_create(", StringComparison.Ordinal))
            largeObjects += LargeObjectPattern().Count(text);
        else if (text.StartsWith("CREATE USER MAPPING", StringComparison.Ordinal) && text.Contains("password", StringComparison.Ordinal))
            secrets.Add("a user mapping carries a password");
    }

    private static SequenceValue SequenceOf(Match setval)
    {
        // The literal holds a qualified, quoted name, its quotes and backslashes doubled.
        var literal = setval.Groups[2].Value.Replace("''", "'", StringComparison.Ordinal);
        if (setval.Groups[1].Length > 0)
            literal = literal.Replace("\\\\", "\\", StringComparison.Ordinal);
        var name = QualifiedPattern().Match(literal);
        if (!name.Success)
            throw new DumpDamagedException($"the sequence {literal} cannot be read");
        return new SequenceValue(
            Unquote(name.Groups[1].Value),
            Unquote(name.Groups[2].Value),
            long.Parse(setval.Groups[3].Value, CultureInfo.InvariantCulture),
            setval.Groups[4].Value == "true");
    }

    private long SkipRows()
    {
        long rows = 0;
        while (true)
        {
            var line = CountLine();
            if (line == LineKind.CopyEnd)
                return rows;
            if (line == LineKind.None)
                throw input.CutOff();
            rows++;
        }
    }

    private enum LineKind
    {
        None,
        Other,
        CopyEnd,
    }

    /// <summary>Passes over one line without keeping it, for a row may be large.</summary>
    private LineKind CountLine()
    {
        Span<byte> first = stackalloc byte[2];
        var length = 0L;
        while (true)
        {
            var data = input.Peek();
            if (data.IsEmpty)
                return length == 0 ? LineKind.None : throw input.CutOff();
            var newline = data.IndexOf((byte)'\n');
            var piece = newline < 0 ? data : data[..newline];
            for (var i = 0; length + i < 2 && i < piece.Length; i++)
                first[(int)length + i] = piece[i];
            length += piece.Length;
            input.Take(newline < 0 ? piece.Length : newline + 1);
            if (newline >= 0)
                return length == 2 && first.SequenceEqual(CopyEnd) ? LineKind.CopyEnd : LineKind.Other;
        }
    }

    private string? ReadLine()
    {
        using var bytes = new MemoryStream();
        while (true)
        {
            var data = input.Peek();
            if (data.IsEmpty)
                return bytes.Length == 0 ? null : Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
            var newline = data.IndexOf((byte)'\n');
            bytes.Write(newline < 0 ? data : data[..newline]);
            input.Take(newline < 0 ? data.Length : newline + 1);
            if (newline >= 0)
                return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
        }
    }

    private static string Unquote(string name) =>
        name.StartsWith('"') ? name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : name;

    private const string Identifier = """("(?:[^"]|"")+"|[^\s".(]+)""";

    [GeneratedRegex(@"\ACOPY " + Identifier + @"\." + Identifier + @" (?:\(.*\))? ?FROM stdin;\s*\z", RegexOptions.Singleline)]
    private static partial Regex CopyPattern();

    [GeneratedRegex(@"\A" + Identifier + @"\." + Identifier + @"\z", RegexOptions.Singleline)]
    private static partial Regex QualifiedPattern();

    [GeneratedRegex(@"\ASELECT pg_catalog\.setval\(\s*(E?)'((?:[^']|'')+)', (-?\d+), (true|false)\);\s*\z", RegexOptions.Singleline)]
    private static partial Regex SetvalPattern();

    [GeneratedRegex(@"pg_catalog\.lo_create\(")]
    private static partial Regex LargeObjectPattern();

    [GeneratedRegex(@"\A-- (?:Data for )?Name: .*; Owner: (.+)\z")]
    private static partial Regex OwnerPattern();
}
