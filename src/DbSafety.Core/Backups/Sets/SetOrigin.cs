using DbSafety.Errors;

namespace DbSafety.Backups.Sets;

/// <summary>Where a set was created, for the confirmation before it replaces a database.</summary>
public static class SetOrigin
{
    /// <returns>Null: it is not known.</returns>
    public static string? Of(string path)
    {
        try
        {
            return Of(SetFiles.Find(path));
        }
        catch (Exception e) when (e is DbSafetyException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal static string? Of(PgBackup backup) =>
        backup.SourceServer.Length == 0 ? null : $"'{backup.Database}' on {backup.SourceServer}" + (backup.SystemIdentifier is { } cluster ? $" (cluster {cluster})" : "");
}
