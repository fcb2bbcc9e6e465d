using System.Text;

namespace DbSafety.Cli.Rendering;

/// <summary>
/// Output that must not end the command: what it reports has already been done. Text that cannot be written (to a full disk, for example) is written to another
/// writer instead.
/// </summary>
/// <param name="otherwise">Null: the text is lost.</param>
internal sealed class ResultWriter(TextWriter output, TextWriter? otherwise) : TextWriter
{
    /// <summary>The first error of the output.</summary>
    public Exception? Problem { get; private set; }

    public override Encoding Encoding => output.Encoding;

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void WriteLine(string? value) => Write(value + new string(CoreNewLine));

    public override void Write(string? value)
    {
        if (Problem is null)
        {
            try
            {
                output.Write(value);
                output.Flush();
                return;
            }
            // .NET reports a closed file descriptor as a denied access.
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Problem = e.InnerException ?? e;
            }
        }

        otherwise?.Write(value);
    }

    public override void Flush()
    {
    }
}
