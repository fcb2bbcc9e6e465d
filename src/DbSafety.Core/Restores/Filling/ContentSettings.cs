using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Definitions;
using DbSafety.Errors;
using DbSafety.Restores.Creation;
using Npgsql;

namespace DbSafety.Restores.Filling;

/// <summary>
/// Settings of a database that its contents can need while they are restored: libraries that sessions load, such as a provider of security labels, and settings that PostgreSQL
/// does not know, which functions read. pg_restore --create also sets them first. They are reset afterwards, because the database gets its properties last.
/// </summary>
internal static class ContentSettings
{
    private static readonly string[] Libraries = ["session_preload_libraries", "local_preload_libraries"];

    public static async Task ApplyAsync(NpgsqlConnection maintenance, DatabaseTarget database, DatabaseProperties like, CancellationToken ct)
    {
        foreach (var setting in Of(like))
            await DatabaseCreation.RefusalAsync(maintenance, DatabaseSettingSql.Of(setting, SqlName.Quote(database.Database)), ct);
        await LeaveOutUnloadableAsync(maintenance, database, like, ct);
    }

    /// <summary>Resets libraries that the server cannot load: no session could start.</summary>
    /// <returns>What was left out.</returns>
    public static async Task<IReadOnlyList<string>> LeaveOutUnloadableAsync(NpgsqlConnection maintenance, DatabaseTarget database, DatabaseProperties like, CancellationToken ct)
    {
        var libraries = Of(like).Where(IsLibrary).ToList();
        if (libraries.Count == 0 || await ProblemAsync(database, ct) is not { } problem)
            return [];
        await ResetAsync(maintenance, database, libraries, ct);
        return [.. libraries.Select(s => $"the setting {s.Setting} was left out, because no session could start with it: {problem}")];
    }

    public static Task ResetAsync(NpgsqlConnection maintenance, DatabaseTarget database, DatabaseProperties like, CancellationToken ct) => ResetAsync(maintenance, database, Of(like), ct);

    private static async Task ResetAsync(NpgsqlConnection maintenance, DatabaseTarget database, IEnumerable<DatabaseSetting> settings, CancellationToken ct)
    {
        foreach (var setting in settings)
            await DatabaseCreation.RefusalAsync(maintenance, $"ALTER DATABASE {SqlName.Quote(database.Database)} RESET {SqlName.Quote(Name(setting))}", ct);
    }

    /// <summary>Why a library cannot be loaded (a missing file, or one that is not for this server); null: all are.</summary>
    private static async Task<string?> ProblemAsync(DatabaseTarget database, CancellationToken ct)
    {
        try
        {
            await (await database.OpenAsync(ct, "dbsafety restore")).DisposeAsync();
            return null;
        }
        catch (DbSafetyException e) when (e.InnerException is PostgresException p && (p.SqlState.StartsWith("58", StringComparison.Ordinal) || p.SqlState.StartsWith("XX", StringComparison.Ordinal)))
        {
            return p.MessageText;
        }
    }

    private static IEnumerable<DatabaseSetting> Of(DatabaseProperties like) => like.Settings.Where(s => s.Role is null && (IsLibrary(s) || Name(s).Contains('.', StringComparison.Ordinal)));

    private static bool IsLibrary(DatabaseSetting setting) => Libraries.Contains(Name(setting), StringComparer.OrdinalIgnoreCase);

    private static string Name(DatabaseSetting setting) => setting.Setting.Split('=', 2)[0];
}
