using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Databases.Writes;

/// <summary>The data of large objects, which only a superuser can read as a table (pg_largeobject).</summary>
internal static class LargeObjectPages
{
    public const string Table = "pg_catalog.pg_largeobject";

    /// <returns>Null if there are any and they cannot be read.</returns>
    public static async Task<RowOrigins?> ReadAsync(NpgsqlConnection connection, RowExamination rows, DatabaseState state, CancellationToken ct)
    {
        if (state.Catalogs.GetValueOrDefault(DatabaseState.LargeObjects) == 0)
            return new RowOrigins(0, 0, 0, 0);
        return await connection.ScalarAsync<bool>($"SELECT pg_catalog.has_table_privilege('{Table}', 'SELECT')", ct) ? await rows.ReadAsync($"{Table} t", "t.xmin", ct) : null;
    }
}
