using System.Text;
using DbSafety.Analysis.Scripts;
using DbSafety.Errors;

namespace DbSafety.Migrations.Sources.Reading;

/// <summary>Reads a script as UTF-8, or as what its byte order mark says: Windows PowerShell's <c>&gt;</c> writes UTF-16.</summary>
/// <param name="name">The script, in errors.</param>
internal sealed class ScriptReader(Stream stream, string name, bool leaveOpen) : StreamReader(stream, Strict, detectEncodingFromByteOrderMarks: true, leaveOpen: leaveOpen)
{
    /// <summary>Characters of another encoding must not be replaced silently.</summary>
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="DbSafetyException"><c>DBS211</c>, <c>DBS479</c>, here or when more of it is read.</exception>
    public static ScriptWindow Open(string path)
    {
        try
        {
            return new ScriptWindow(new ScriptReader(File.OpenRead(path), path, leaveOpen: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ErrorCatalogue.FileUnreadable.Because(e, path, e.Message);
        }
    }

    /// <summary>A script as it is run: without the byte order mark, which causes a syntax error on the server.</summary>
    /// <exception cref="DbSafetyException"><c>DBS479</c>.</exception>
    public static string Decode(byte[] script, string path)
    {
        try
        {
            return Strict.GetString(script).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            throw ErrorCatalogue.NotUtf8.Because(e, path, $"line {script.AsSpan(0, Math.Clamp(e.Index, 0, script.Length)).Count((byte)'\n') + 1}");
        }
    }

    public override int ReadBlock(char[] buffer, int index, int count)
    {
        try
        {
            return base.ReadBlock(buffer, index, count);
        }
        catch (IOException e)
        {
            throw ErrorCatalogue.FileUnreadable.Because(e, name, e.Message);
        }
        catch (DecoderFallbackException e)
        {
            throw ErrorCatalogue.NotUtf8.Because(e, name, "it");
        }
    }
}
