using DbSafety.Analysis;
using DbSafety.Errors;

namespace DbSafety.Migrations.Sources;

/// <summary>Reads a script as UTF-8, or as what its byte order mark says: Windows PowerShell's <c>&gt;</c> writes UTF-16.</summary>
/// <param name="name">The script, in errors.</param>
internal sealed class ScriptReader(Stream stream, string name, bool leaveOpen) : StreamReader(stream, leaveOpen: leaveOpen)
{
    /// <exception cref="DbSafetyException"><c>DBS211</c>, here or when more of it is read.</exception>
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
    }
}
