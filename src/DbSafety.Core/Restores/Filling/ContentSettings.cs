using DbSafety.Backups;
using DbSafety.Databases;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores.Filling;

/// <summary>
/// Settings of a database that its contents can need while they are restored: libraries that sessions load, such as a provider of security labels, and settings that PostgreSQL
/// does not know, which functions read. pg_restore --create has made them by then. They are reset afterwards, because the database gets its properties last.
/// </summary>
internal static class ContentSettings
{
    private static readonly string[] Libraries = ["session_preload_libraries", "local_preload_libraries"];

    public static async Task ApplyAsync(NpgsqlConnection maintenance, DatabaseTarget database, DatabaseProperties like, CancellationToken ct)
    {
        var settings = Of(like).ToList();
        foreach (var setting in settings)
            await DatabaseCreation.RefusalAsync(maintenance, DatabaseSettingSql.Of(setting, SqlName.Quote(database.Database)), ct);
        if (settings.Exists(IsLibrary) && !await IsOpenAsync(database, ct))
            await ResetAsync(maintenance, database, settings.Where(IsLibrary), ct);
    }

    public static Task ResetAsync(NpgsqlConnection maintenance, DatabaseTarget database, DatabaseProperties like, CancellationToken ct) => ResetAsync(maintenance, database, Of(like), ct);

    private static async Task ResetAsync(NpgsqlConnection maintenance, DatabaseTarget database, IEnumerable<DatabaseSetting> settings, CancellationToken ct)
    {
        foreach (var setting in settings)
            await DatabaseCreation.RefusalAsync(maintenance, $"ALTER DATABASE {SqlName.Quote(database.Database)} RESET {SqlName.Quote(Name(setting))}", ct);
    }

    /// <summary>No session begins where a library is not there.</summary>
    private static async Task<bool> IsOpenAsync(DatabaseTarget database, CancellationToken ct)
    {
        try
        {
            await (await database.OpenAsync(ct, "dbsafety restore")).DisposeAsync();
            return true;
        }
        catch (DbSafetyException e) when (e.InnerException is PostgresException)
        {
            return false;
        }
    }

    private static IEnumerable<DatabaseSetting> Of(DatabaseProperties like) => like.Settings.Where(s => s.Role is null && (IsLibrary(s) || Name(s).Contains('.', StringComparison.Ordinal)));

    private static bool IsLibrary(DatabaseSetting setting) => Libraries.Contains(Name(setting), StringComparer.OrdinalIgnoreCase);

    private static string Name(DatabaseSetting setting) => setting.Setting.Split('=', 2)[0];
}
