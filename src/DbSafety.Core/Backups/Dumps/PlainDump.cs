using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using DbSafety.Backups.Sets;
using DbSafety.Errors;

namespace DbSafety.Backups.Dumps;

/// <summary>
/// Reads a plain dump from its first byte to its last and counts what is in it. It follows quotes, dollar quotes and comments over lines, so
/// that a COPY inside a function's body or a comment is not taken for one. Lines are read as bytes, and each statement is decoded once it is complete.
/// </summary>
internal sealed partial class PlainDump
{
    private const string Header = "-- PostgreSQL database dump";
    private const string ClusterHeader = "-- PostgreSQL database cluster dump";
    private const string Complete = " complete";
    private const string ByteOrderMark = "\u00EF\u00BB\u00BF";

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
    private readonly List<string> variables = ["DBNAME"];
    private Encoding encoding = Encoding.UTF8;
    private long lines;

    private PlainDump(Stream stream, bool foreign, PlainFeed? feed)
    {
        input = new DumpInput(stream);
        current = sections[0];
        this.foreign = foreign;
        this.feed = feed;
    }

    /// <summary>A dump of DbSafety, as pg_dump has just written it or as its hash proves it.</summary>
    /// <exception cref="DumpDamagedException">It is incomplete.</exception>
    public static DumpCensus Count(Stream stream, CancellationToken ct)
    {
        var dump = new PlainDump(stream, foreign: false, feed: null);
        dump.ReadAll(ct);
        return dump.heads.Any(h => h.IsComplete) ? dump.current.Census(dump.input.Position) : throw dump.input.CutOff();
    }

    /// <summary>A dump of any origin: its sections, with their structure checked.</summary>
    /// <param name="feed">Gets what a restore of one section needs.</param>
    /// <exception cref="DumpDamagedException">It is incomplete, or its structure is invalid.</exception>
    public static PlainContent Read(Stream stream, CancellationToken ct, PlainFeed? feed = null)
    {
        var dump = new PlainDump(stream, foreign: true, feed);
        dump.ReadAll(ct);
        if (dump.quotes.IsBegun && !dump.quotes.AreOpen && dump.heads.Count > 0 && dump.heads.All(h => h.IsComplete) && dump.cluster is not { IsComplete: false })
            throw MoreThanDumpException.Text(DumpText.Decode(dump.statement.ToString(), dump.encoding), dump.BeginOf(dump.statement.ToString()));
        if (dump.quotes.AreOpen || dump.quotes.IsBegun)
            throw new DumpDamagedException($"it ends inside a statement, after {dump.input.Position:N0} bytes: it is incomplete, or its last statement has no semicolon");
        if (dump.heads.Any(h => !h.IsComplete) || dump.cluster is { IsComplete: false })
            throw new DumpDamagedException($"the last line of a dump is missing (-- PostgreSQL database dump complete): it is incomplete, or was edited; it ends after {dump.input.Position:N0} bytes");
        if (dump.sections.All(s => s.Statements == 0))
            throw new DumpDamagedException("it contains no SQL statement");
        return new PlainContent(dump.sections, dump.quotes.Commands, dump.input.Position);
    }

    /// <summary>The rows of a table that was dumped as INSERT statements.</summary>
    public static (long Rows, long Bytes) CountInserts(Stream stream, string table)
    {
        var dump = new PlainDump(stream, foreign: true, feed: null);
        dump.ReadAll(CancellationToken.None);
        if (dump.quotes.AreOpen || dump.quotes.IsBegun)
            throw new DumpDamagedException($"the data of {table} ends inside a statement");
        return (dump.current.Census(0).Rows, dump.input.Position);
    }

    private void ReadAll(CancellationToken ct)
    {
        var first = true;
        while (ReadLine() is { } text)
        {
            ct.ThrowIfCancellationRequested();
            // psql skips a byte order mark, too.
            Take(first && text.StartsWith(ByteOrderMark, StringComparison.Ordinal) ? text[ByteOrderMark.Length..] : text);
            first = false;
        }
    }

    private void Take(string text)
    {
        if (foreign)
            Check(text);
        if (quotes.IsBegun || quotes.AreOpen)
        {
            RefuseText(text.TrimEnd('\r'));
            TakeLine(text);
            return;
        }

        // Comments before a statement belong to none.
        statement.Clear();
        var begin = text.AsSpan().TrimStart();
        if (begin.StartsWith("--") && !text.AsSpan().TrimEnd('\r').Contains('\r'))
            TakeComment(text.TrimEnd('\r'));
        else if (begin.StartsWith("\\"))
            TakeCommand(DumpText.Decode(begin.TrimEnd('\r').ToString(), encoding));
        else if (begin.Length > 0)
            TakeLine(text);
    }

    /// <summary>pg_dump's comments are between statements: what has begun is not a comment.</summary>
    private void RefuseText(string comment)
    {
        if (!foreign || quotes.AreOpen || !comment.StartsWith("-- ", StringComparison.Ordinal))
            return;
        var begun = DumpText.Decode(statement.ToString(), encoding);
        if (comment is Header or ClusterHeader && (current.Head is { IsComplete: false } || cluster is { IsComplete: false } && current.Head is null))
            throw new DumpDamagedException($"it ends inside a statement on line {BeginOf(begun):N0}, and another dump follows: it is incomplete");
        if (comment is Header or ClusterHeader && sections.All(s => s.Statements == 0))
            throw MoreThanDumpException.Before(begun, lines - 1, isLine: true);
        if (comment is Header or ClusterHeader or Header + Complete || (current.Head is { IsComplete: false } && EntryPattern().IsMatch(comment)))
            throw MoreThanDumpException.Text(begun, BeginOf(begun));
    }

    /// <summary>The line on which the statement that was read up to here begins.</summary>
    private long BeginOf(string raw) => lines - raw[StatementText.Begin(raw)..].Count(c => c == '\n');

    /// <summary>A line can hold the end of one statement and the beginning of the next.</summary>
    private void TakeLine(string text)
    {
        for (var begin = 0; begin < text.Length || begin == 0;)
        {
            var end = quotes.Follow(text, begin);
            statement.Append(text, begin, (end < 0 ? text.Length : end) - begin).Append('\n');
            if (end < 0)
                return;
            begin = end;
            TakeStatement();
        }
    }

    private void TakeStatement()
    {
        var raw = statement.ToString();
        statement.Clear();
        var text = StatementText.Normal(DumpText.Decode(raw, encoding), quotes.BackslashEscapes);
        if (text == ";\n")
            return;
        // It was refused before where it is read first; what pg_restore prints and files that were replaced are not.
        if (feed is not null && quotes.Commands is [var command, ..])
            throw ErrorCatalogue.DumpRunsCommands.For("the dump", command);
        TakeSetting(text);
        var isLeftOut = foreign && IsLeftOut(text, raw);
        var copy = current.TakeStatement(text, isLeftOut);
        feed?.Pass(current, text, raw, isLeftOut);
        if (copy is not null)
            current.Add(copy, SkipRows(copy));
    }

    /// <summary>What pg_dumpall writes before the databases, and what drops what a dump is about to create. Statements that must not run, or are not what they appear to be, are kept for the caller.</summary>
    private bool IsLeftOut(string text, string raw)
    {
        if (DatabaseStatement.Is(text))
            return false;
        Look(text, raw);
        if (cluster is null || current.Head is not null || !ServerStatements.AreGlobals(text))
            return current.Cleans(text);
        current.Globals++;
        return true;
    }

    private void Look(string text, string raw)
    {
        if (ServerStatements.Is(text) && !(cluster is not null && current.Head is null && ServerStatements.AreGlobals(text)))
            current.Add(new ServerStatement((int)(lines - raw[StatementText.Begin(raw)..].Count(c => c == '\n') + 1), text.Trim()));
        foreach (var variable in variables.Where(v => text.Contains(v, StringComparison.Ordinal) && Uses(text, v)))
            quotes.Commands.Add($"the variable :{variable}");
    }

    private static bool Uses(string text, string variable) => Regex.IsMatch(text, $"""(?<!:):(?:{Regex.Escape(variable)}(?!\w)|'{Regex.Escape(variable)}'|"{Regex.Escape(variable)}")""", RegexOptions.CultureInvariant);

    /// <summary>What decides how the statements after it are read.</summary>
    private void TakeSetting(string text)
    {
        if (PlainSection.EncodingIn(text) is { } named)
            encoding = DumpText.EncodingOf(named);
        else if (StringsPattern().Match(text) is { Success: true } strings)
            quotes.BackslashEscapes = OffPattern().IsMatch(strings.Groups[1].Value);
    }

    /// <summary>A terminal, or an editor on Windows, changes the text that pg_dump wrote.</summary>
    private void Check(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
            throw new DumpDamagedException($"null byte near byte {input.Position:N0}");
        // A CR that is in a value, or at the end of a line that was added elsewhere, is no damage.
        if (text.EndsWith('\r') && !quotes.AreOpen && text.TrimEnd('\r') is (Header or ClusterHeader))
            throw new DumpDamagedException(TextDamage.LineEnds);
    }

    private void TakeComment(string text)
    {
        switch (text)
        {
            case Header:
                heads.Add(current.Head = new PlainHead { HasEntries = current.Head is { IsComplete: true } });
                break;
            case Header + Complete:
                (current.Head ?? Open()).IsComplete = true;
                break;
            case ClusterHeader:
                cluster = new PlainHead();
                break;
            case ClusterHeader + Complete when cluster is not null:
                cluster.IsComplete = true;
                break;
            default:
                if (current.Head is { } head)
                    TakeHead(head, text);
                break;
        }
    }

    /// <summary>A dump without its head still ends as pg_dump ends it.</summary>
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
        if (PsqlConnect.Read(text) is { } connect)
        {
            Connect(connect);
        }
        else if (PsqlConnect.Argument(text, "\\encoding") is { } named && NamePattern().IsMatch(named))
        {
            (encoding, current.Encoding) = (DumpText.EncodingOf(named), named);
            feed?.Write(current, $"SET client_encoding = '{named}';\n");
        }
        else if (PsqlConnect.Argument(text, "\\set") is { } variable)
        {
            // Without it, each statement is committed by itself.
            if (variable == "AUTOCOMMIT" && !text.TrimEnd(';').EndsWith("on", StringComparison.OrdinalIgnoreCase))
                quotes.Commands.Add(text);
            variables.Add(variable);
        }
        else if (!PsqlConnect.IsHarmless(text))
        {
            quotes.Commands.Add(text);
        }
    }

    private void Connect(PsqlConnect connect)
    {
        var previous = current;
        if (connect.Database is { } database)
            current = sections.Find(s => s.Database == database) ?? new PlainSection(database);
        if (!sections.Contains(current))
            sections.Add(current);
        // Inside one dump (pg_dump --create) the head goes on; pg_dumpall begins another.
        current.Head = previous.Head is { IsComplete: false } ? previous.Head : current.Head;
        if (connect.User is { } user)
            current.Users.Add(user);
        quotes.BackslashEscapes = false;
        if (current.Statements == 0)
            return;
        current.BeginSession();
        feed?.Write(current, "RESET ALL;\n" + (current.DatabaseStatements.Count > 0 ? "RESET SESSION AUTHORIZATION;\n" : "") + (current.Encoding.Length > 0 ? $"SET client_encoding = '{current.Encoding}';\n" : ""));
    }

    private long SkipRows(CopyTarget copy)
    {
        var reader = new PlainRows(input, foreign ? copy : null, feed);
        var rows = reader.Skip();
        lines += reader.Lines;
        return rows;
    }

    [GeneratedRegex(@"\A(?:SET (?:SESSION |LOCAL )?standard_conforming_strings ?(?:=|TO)|SELECT (?:pg_catalog\.)?set_config ?\( ?'standard_conforming_strings' ?,|RESET (?=standard_conforming_strings|ALL)) ?'?(\w+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex StringsPattern();

    [GeneratedRegex(@"\A(?:0|of.*|f.*|n.*)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OffPattern();

    [GeneratedRegex(@"\A-- (?:Data for )?Name: .*; Type: .*; Schema: ", RegexOptions.CultureInvariant)]
    private static partial Regex EntryPattern();

    [GeneratedRegex(@"\A[\w-]+\z")]
    private static partial Regex NamePattern();

    private string? ReadLine()
    {
        line.ResetWrittenCount();
        lines++;
        while (true)
        {
            var data = input.Peek();
            if (data.IsEmpty)
                return line.WrittenCount == 0 ? null : DumpText.Raw.GetString(line.WrittenSpan);
            var newline = data.IndexOf((byte)'\n');
            line.Write(newline < 0 ? data : data[..newline]);
            input.Take(newline < 0 ? data.Length : newline + 1);
            if (newline >= 0)
                return DumpText.Raw.GetString(line.WrittenSpan);
        }
    }
}

/// <summary>The contents of a plain dump of any origin.</summary>
/// <param name="Sections">The first one belongs to no database in particular.</param>
/// <param name="Commands">psql meta-commands in it, which could do anything.</param>
internal sealed record PlainContent(IReadOnlyList<PlainSection> Sections, IReadOnlyList<string> Commands, long Bytes)
{
    /// <summary>The databases that it names; empty if it does not name a database.</summary>
    public IReadOnlyList<PlainSection> Named => [.. Sections.Skip(1)];

    /// <summary>The part to restore as <paramref name="database"/>; null if it is unknown.</summary>
    public PlainSection? For(string database)
    {
        if (Named.Count <= 1)
            return Named.Count == 1 ? Named[0] : Sections[0];
        var own = Named.Where(s => s.Database is not ("postgres" or "template1")).ToList();
        return Named.FirstOrDefault(s => s.Database == database) ?? (own.Count == 1 ? own[0] : null);
    }
}
