using System.Globalization;
using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>A database that a swap put aside.</summary>
public sealed record KeptDatabase(string Name, long Bytes)
{
    /// <summary>When it was put aside, in UTC, as its name says.</summary>
    public DateTimeOffset KeptAt => DateTimeOffset.ParseExact(Name[^"yyyyMMddTHHmmssZ".Length..], "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}

/// <summary>The names of databases that are put aside or are being made, shortened to 63 bytes by us, never by the server.</summary>
internal static class KeptDatabases
{
    private const string Before = "_before_";
    private const string Undone = "_undone_";
    private const string Restoring = "_restoring_";
    private const string Rehearsal = "_rehearsal_";

    public static string BeforeName(string database, DateTimeOffset now) => Name(database, Before, now);

    public static string UndoneName(string database, DateTimeOffset now) => Name(database, Undone, now);

    public static string RestoringName(string database, DateTimeOffset now) => Name(database, Restoring, now);

    /// <summary>A rehearsal's copy of the database on its own server.</summary>
    public static string RehearsalName(string database, DateTimeOffset now) => Name(database, Rehearsal, now);

    /// <summary>Now, or the next second that no database of ours is named after yet.</summary>
    public static async Task<DateTimeOffset> FreeTimeAsync(NpgsqlConnection maintenance, string database, CancellationToken ct)
    {
        var retained = (await FindAsync(maintenance, database, ct)).Concat(await FindUndoneAsync(maintenance, database, ct));
        for (var now = UndoChoice.Time(DateTimeOffset.UtcNow, retained); ; now = now.AddSeconds(1))
        {
            var taken = await maintenance.ScalarAsync<bool>(
                "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_database WHERE datname = ANY($1))",
                ct,
                (object)new[] { BeforeName(database, now), RestoringName(database, now) });
            if (!taken)
                return now;
        }
    }

    /// <summary>Databases kept by swaps of this one, the newest first.</summary>
    public static Task<IReadOnlyList<KeptDatabase>> FindAsync(NpgsqlConnection maintenance, string database, CancellationToken ct) =>
        ListAsync(maintenance, database, Before, ct);

    /// <summary>Databases that undos of restores of this one retained, the newest first.</summary>
    public static Task<IReadOnlyList<KeptDatabase>> FindUndoneAsync(NpgsqlConnection maintenance, string database, CancellationToken ct) =>
        ListAsync(maintenance, database, Undone, ct);

    /// <summary>Databases that restores and rehearsals of this one were making.</summary>
    public static async Task<IReadOnlyList<KeptDatabase>> FindUnfinishedAsync(NpgsqlConnection maintenance, string database, CancellationToken ct) =>
        [.. await ListAsync(maintenance, database, Restoring, ct), .. await ListAsync(maintenance, database, Rehearsal, ct)];

    private static string Name(string database, string word, DateTimeOffset now) =>
        SqlName.WithSuffix(database, word + now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture));

    private static async Task<IReadOnlyList<KeptDatabase>> ListAsync(NpgsqlConnection maintenance, string database, string word, CancellationToken ct)
    {
        // The name as it is after shortening, with a time of the right length behind it.
        var prefix = Name(database, word, DateTimeOffset.UnixEpoch)[..^"19700101T000000Z".Length];
        return await maintenance.ListAsync(
            "SELECT datname, CASE WHEN pg_catalog.has_database_privilege(oid, 'CONNECT') THEN pg_catalog.pg_database_size(oid) ELSE 0 END FROM pg_catalog.pg_database WHERE pg_catalog.starts_with(datname, $1) AND substr(datname, length($1) + 1) ~ '^\\d{8}T\\d{6}Z$' ORDER BY datname DESC",
            r => new KeptDatabase(r.GetString(0), r.GetInt64(1)),
            ct,
            prefix);
    }
}
