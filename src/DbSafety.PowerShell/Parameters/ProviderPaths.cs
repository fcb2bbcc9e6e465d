using System.Management.Automation;
using DbSafety.Databases.Connections.Text;
using DbSafety.Errors;

namespace DbSafety.PowerShell.Parameters;

/// <summary>Turns what the user typed into full paths of the file system: drives, <c>~</c> and the shell's own current folder.</summary>
internal static class ProviderPaths
{
    /// <summary>The text is used literally: brackets are not wildcards. The path need not exist.</summary>
    /// <exception cref="DbSafetyException"><c>DBS211</c>; <c>DBS105</c> it is a connection, whose password would be shown with the path.</exception>
    public static string Literal(PSCmdlet cmdlet, string path)
    {
        ConnectionNames.Checked(path, "the path");
        try
        {
            var full = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
            return provider.Name == "FileSystem"
                ? full
                : throw ErrorCatalogue.FileUnreadable.For(path, $"the drive belongs to the provider {provider.Name}, not to the file system");
        }
        catch (Exception e) when (e is ProviderNotFoundException or System.Management.Automation.DriveNotFoundException or PSArgumentException)
        {
            throw ErrorCatalogue.FileUnreadable.Because(e, path, e.Message);
        }
    }

    /// <summary>
    /// Every path that matches the pattern. The name of an existing file is used literally, including brackets; a pattern
    /// that matches nothing is passed on, and the operation reports that it was not found.
    /// </summary>
    /// <exception cref="DbSafetyException"><c>DBS211</c>.</exception>
    public static IReadOnlyList<string> Matching(PSCmdlet cmdlet, string path)
    {
        var literal = Literal(cmdlet, path);
        if (!WildcardPattern.ContainsWildcardCharacters(path) || Path.Exists(literal))
            return [literal];
        try
        {
            var found = cmdlet.SessionState.Path.GetResolvedProviderPathFromPSPath(path, out _);
            return found.Count > 0 ? found : [literal];
        }
        catch (ItemNotFoundException)
        {
            return [literal];
        }
    }
}
