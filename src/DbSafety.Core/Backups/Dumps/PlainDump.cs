using System.Buffers;
using System.Text;

namespace DbSafety.Backups.Dumps;

/// <summary>
/// Reads a plain dump from its first byte to its last and counts what is in it. It follows quotes, dollar quotes and comments over lines, so
/// that a COPY inside a function's body or a comment is not taken for one.
/// </summary>
internal sealed class PlainDump
{
    private const string Header = "-- PostgreSQL database dump";
    private const string ClusterHeader = "-- PostgreSQL database cluster dump";
    private const string Complete = " complete";

    private readonly DumpInput input;
    private readonly PlainFeed? feed;
    private readonly bool foreign;
    private readonly List<PlainSection> sections = [new("")];
    private readonly PlainDumpQuotes quotes = new();
    private readonly StringBuilder statement = new();
    private readonly ArrayBufferWriter<byte> line = new();
    private readonly List<PlainHead> heads = [];
    private PlainSection current;
    private PlainHead? cluster;

    private PlainDump(Stream stream, bool foreign, PlainFeed? feed)
    {
        input = new DumpInput(stream);
        current = sections[0];
        this.foreign = foreign;
        this.feed = feed;
    }

    /// <summary>One of ours, as pg_dump has just written it or as its hash proves it.</summary>
    /// <exception cref="DumpDamagedException">It is cut off.</exception>
    public static DumpCensus Count(Stream stream, CancellationToken ct)
    {
        var dump = new PlainDump(stream, foreign: false, feed: null);
        dump.ReadAll(ct);
        return dump.heads.Any(h => h.IsComplete) ? dump.current.Census(dump.input.Position) : throw dump.input.CutOff();
    }

    /// <summary>One of anyone's: its sections with everything that its structure says looked at.</summary>
    /// <param name="feed">Gets what a restore of one section needs.</param>
    /// <exception cref="DumpDamagedException">It is cut off, or not what its structure says.</exception>
    public static PlainContent Read(Stream stream, CancellationToken ct, PlainFeed? feed = null)
    {
        var dump = new PlainDump(stream, foreign: true, feed);
        dump.ReadAll(ct);
        if (dump.quotes.AreOpen || dump.statement.ToString().Any(c => !char.IsWhiteSpace(c)))
            throw new DumpDamagedException($"it ends inside a statement, after {dump.input.Position:N0} bytes");
        if (dump.heads.Any(h => !h.IsComplete) || dump.cluster is { IsComplete: false })
            throw dump.input.CutOff();
        if (dump.sections.All(s => s.Statements == 0))
            throw new DumpDamagedException("no SQL statement is in it");
        return new PlainContent(dump.sections, dump.quotes.Commands, dump.input.Position);
    }

    /// <summary>The rows of a table that was dumped as INSERT statements.</summary>
    public static (long Rows, long Bytes) CountInserts(Stream stream, string table)
    {
        var dump = new PlainDump(stream, foreign: true, feed: null);
        dump.ReadAll(CancellationToken.None);
        if (dump.quotes.AreOpen || dump.statement.ToString().Any(c => !char.IsWhiteSpace(c)))
            throw new DumpDamagedException($"the data of {table} ends inside a statement");
        return (dump.current.Census(0).Rows, dump.input.Position);
    }

    private void ReadAll(CancellationToken ct)
    {
        var first = true;
        while (ReadLine() is { } text)
        {
            ct.ThrowIfCancellationRequested();
            // psql passes over a byte order mark, too.
            Take(first ? text.TrimStart('\uFEFF') : text);
            first = false;
        }
    }

    private void Take(string text)
    {
        if (foreign)
            text = Check(text);
        var atStart = statement.Length == 0 && !quotes.AreOpen;
        if (atStart && text.StartsWith("--", StringComparison.Ordinal))
            TakeComment(text);
        else if (atStart && text.StartsWith('\\'))
            TakeCommand(text);
        else if (!atStart || text.Length > 0)
            TakeLine(text);
    }

    private void TakeLine(string text)
    {
        statement.Append(text).Append('\n');
        feed?.Keep(line.WrittenSpan);
        if (!quotes.Follow(text) || !text.AsSpan().TrimEnd().EndsWith(";"))
            return;
        var whole = statement.ToString();
        statement.Clear();
        var copy = current.TakeStatement(whole);
        feed?.Pass(current, whole);
        if (copy is not null)
            current.Add(copy, SkipRows(copy));
    }

    /// <summary>Text that went through a terminal or an editor on Windows is not what pg_dump wrote any more.</summary>
    private string Check(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
            throw new DumpDamagedException($"a byte 0 stands near byte {input.Position:N0}");
        if (!text.EndsWith('\r') || quotes.AreOpen)
            return text;
        if (heads.Count > 0 || cluster is not null || text.TrimEnd('\r') is Header or ClusterHeader)
            throw new DumpDamagedException(TextDamage.LineEnds);
        return text[..^1];
    }

    private void TakeComment(string text)
    {
        switch (text)
        {
            case Header:
                heads.Add(current.Head = new PlainHead());
                break;
            case Header + Complete:
                (current.Head ?? Open()).IsComplete = true;
                current = sections[0];
                break;
            case ClusterHeader:
                cluster = new PlainHead();
                break;
            case ClusterHeader + Complete when cluster is not null:
                cluster.IsComplete = true;
                break;
            default:
                current.TakeComment(text);
                if (current.Head is { } head)
                    TakeHead(head, text);
                break;
        }
    }

    /// <summary>A dump whose head was taken off still ends as pg_dump ends it.</summary>
    private PlainHead Open()
    {
        heads.Add(current.Head = new PlainHead());
        return current.Head;
    }

    private static void TakeHead(PlainHead head, string text)
    {
        const string From = "-- Dumped from database version ", By = "-- Dumped by pg_dump version ";
        if (text.StartsWith(From, StringComparison.Ordinal))
            head.ServerVersion = text[From.Length..];
        else if (text.StartsWith(By, StringComparison.Ordinal))
            head.PgDumpVersion = text[By.Length..];
        else
            head.HasEntries |= text.StartsWith("-- Name: ", StringComparison.Ordinal) || text.StartsWith("-- Data for Name: ", StringComparison.Ordinal);
    }

    private void TakeCommand(string text)
    {
        if (PsqlConnect.Database(text) is { } database)
        {
            var previous = current;
            current = sections.Find(s => s.Database == database) ?? new PlainSection(database);
            if (!sections.Contains(current))
                sections.Add(current);
            // Inside one dump (pg_dump --create) the head goes on; pg_dumpall begins another.
            current.Head = previous.Head is { IsComplete: false } ? previous.Head : current.Head;
        }
        else if (!PsqlConnect.IsHarmless(text))
        {
            quotes.Commands.Add(text);
        }
    }

    private long SkipRows(CopyTarget copy)
    {
        var rows = new PlainRows(input, foreign ? copy : null, feed);
        return rows.Skip();
    }

    private string? ReadLine()
    {
        line.ResetWrittenCount();
        while (true)
        {
            var data = input.Peek();
            if (data.IsEmpty)
                return line.WrittenCount == 0 ? null : Encoding.UTF8.GetString(line.WrittenSpan);
            var newline = data.IndexOf((byte)'\n');
            line.Write(newline < 0 ? data : data[..newline]);
            input.Take(newline < 0 ? data.Length : newline + 1);
            if (newline >= 0)
                return Encoding.UTF8.GetString(line.WrittenSpan);
        }
    }
}

/// <summary>What a plain dump of anyone's holds.</summary>
/// <param name="Sections">The first one belongs to no database in particular.</param>
/// <param name="Commands">psql's own commands in it, which could do anything.</param>
internal sealed record PlainContent(IReadOnlyList<PlainSection> Sections, IReadOnlyList<string> Commands, long Bytes)
{
    /// <summary>The databases it is for; none where it leaves that to its reader.</summary>
    public IReadOnlyList<PlainSection> Named => [.. Sections.Skip(1)];

    /// <summary>The part to restore as <paramref name="database"/>; null where it cannot be told.</summary>
    public PlainSection? For(string database)
    {
        if (Named.Count <= 1)
            return Named.Count == 1 ? Named[0] : Sections[0];
        var own = Named.Where(s => s.Database is not ("postgres" or "template1")).ToList();
        return Named.FirstOrDefault(s => s.Database == database) ?? (own.Count == 1 ? own[0] : null);
    }
}
