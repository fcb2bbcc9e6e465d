using System.Buffers;

namespace DbSafety.Analysis.Scripts;

/// <summary>
/// The stretch of a script that is in memory: earlier text is dropped, later text is read on demand. It ends
/// at the end of a line, unless a line is longer than a piece.
/// </summary>
internal sealed class ScriptWindow : IDisposable
{
    private const int UsualPiece = 256 * 1024;

    /// <summary>Are read until a line ends; a longer line is cut.</summary>
    private const int MostPieces = 4;

    private readonly int piece;
    private readonly TextReader? reader;
    private string ahead = "";
    private int cutAt;
    private long cut;
    private long forgotten;

    /// <summary>Over a script that is in memory as a whole.</summary>
    public ScriptWindow(string text) => (Text, IsLast, IsWhole) = (text, true, true);

    /// <summary>Over a script that is read on the way.</summary>
    /// <param name="piece">How much is read at once, in UTF-16 units.</param>
    public ScriptWindow(TextReader reader, int piece = UsualPiece)
    {
        (this.reader, this.piece) = (reader, piece);
        Text = Read(piece);
        IsWhole = IsLast;
    }

    public string Text { get; private set; }

    /// <summary><see cref="Text"/> begins where a line does.</summary>
    public bool StartsLine { get; private set; } = true;

    /// <summary>Nothing follows <see cref="Text"/>.</summary>
    public bool IsLast { get; private set; }

    /// <summary>Nothing follows <see cref="Text"/>, and nothing ever stood before it.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Where in the script a character of <see cref="Text"/> stands, in UTF-16 units.</summary>
    public long Position(int offset) => forgotten + offset + (offset >= cutAt ? cut : 0);

    /// <summary>
    /// Forgets what stands before <paramref name="from"/>, and what stands from <paramref name="cutFrom"/> to <paramref name="cutTo"/>, and reads at
    /// least as much as it keeps, so that a long statement is not copied again and again. Not to be called of the last stretch.
    /// </summary>
    public void Slide(int from, int cutFrom, int cutTo)
    {
        if (cutTo > cutFrom)
            (cutAt, cut) = (cutFrom, cut + cutTo - cutFrom);
        StartsLine = from == 0 ? StartsLine : Text[from - 1] == '\n';
        var kept = cutFrom - from + (Text.Length - cutTo);
        Text = string.Concat(Text.AsSpan(from, cutFrom - from), Text.AsSpan(cutTo), Read(Math.Max(piece, kept)));
        IsWhole = false;
        if (from >= cutAt)
            (forgotten, cutAt, cut) = (forgotten + from + cut, 0, 0);
        else
            (forgotten, cutAt) = (forgotten + from, cutAt - from);
    }

    public void Dispose() => reader?.Dispose();

    /// <summary>The next whole lines, with Drizzle's breakpoints made semicolons.</summary>
    private string Read(int length)
    {
        var buffer = ArrayPool<char>.Shared.Rent(length);
        try
        {
            var text = ahead;
            do
            {
                var read = reader!.ReadBlock(buffer, 0, length);
                IsLast = read < length;
                text = string.Concat(text, buffer.AsSpan(0, read));
            }
            while (!IsLast && text.Length < MostPieces * length && !text.Contains('\n'));
            var end = IsLast ? text.Length : EndOfLines(text);
            ahead = text[end..];
            return DrizzleScript.Statements(text[..end]);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    /// <summary>Behind the last line break; in a line without an end, where no breakpoint is cut in two.</summary>
    private static int EndOfLines(string text)
    {
        if (text.LastIndexOf('\n') is var newline and >= 0)
            return newline + 1;
        var dash = text.IndexOf('-', Math.Max(0, text.Length - DrizzleScript.Breakpoint.Length));
        return dash < 0 ? text.Length : dash;
    }
}
