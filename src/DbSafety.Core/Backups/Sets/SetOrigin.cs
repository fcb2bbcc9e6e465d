using DbSafety.Errors;

namespace DbSafety.Backups.Sets;

/// <summary>Where a set was created, for the confirmation before it replaces a database.</summary>
public static class SetOrigin
{
    /// <returns>Null: it is not known.</returns>
    public static string? Of(string path) => Find(path) is { } set ? Of(set) : null;

    /// <summary>The database that is in it.</summary>
    /// <returns>Null: it is not known.</returns>
    public static string? DatabaseOf(string path) => Find(path)?.Database is { Length: > 0 } name ? name : null;

    internal static string? Of(PgBackup backup) =>
        backup.SourceServer.Length == 0 ? null : $"'{backup.Database}' on {backup.SourceServer}" + (backup.SystemIdentifier is { } cluster ? $" (cluster {cluster})" : "");

    private static PgBackup? Find(string path)
    {
        try
        {
            return SetFiles.Find(path);
        }
        catch (Exception e) when (e is DbSafetyException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
