using System.Data;
using Npgsql;

namespace DbSafety.Databases;

/// <summary>Measures a database: exact rows, sequences, definitions.</summary>
public static class FingerprintReader
{
    /// <summary>In one snapshot of its own, on one connection.</summary>
    /// <exception cref="Errors.DbSafetyException">The database cannot be reached, or a table cannot be read.</exception>
    public static Task<PgFingerprint> ReadAsync(DatabaseTarget target, CancellationToken ct) => ReadAsync(target, checksum: false, ct);

    /// <param name="checksum">Whether every table's rows are hashed too.</param>
    /// <inheritdoc cref="ReadAsync(DatabaseTarget, CancellationToken)"/>
    public static async Task<PgFingerprint> ReadAsync(DatabaseTarget target, bool checksum, CancellationToken ct)
    {
        await using var connection = await target.OpenAsync(ct, "dbsafety measure");
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
            // Row security would hide rows from a count: better an error than a wrong number.
            await connection.ExecuteAsync("SET LOCAL row_security = off", ct);
            var tables = await TableCatalog.ReadAsync(connection, ct);
            return new PgFingerprint
            {
                Server = target.Server,
                Database = target.Database,
                ServerMajor = connection.PostgreSqlVersion.Major,
                TakenAt = DateTimeOffset.UtcNow,
                Tables = await TableCatalog.CountAsync(tables.Tables, [connection], checksum ? await TableChecksum.PrepareAsync(connection, ct) : null, null, ct),
                Sequences = await SequenceCatalog.ReadAsync(connection, ct),
                LargeObjects = await LargeObjectsAsync(connection, ct),
                SchemaHash = await SchemaHash.ReadAsync(connection, ct),
                NotCounted = tables.LeftOutWords,
            };
        }
        catch (NpgsqlException e)
        {
            throw PgSession.Translate(e, target);
        }
    }

    internal static Task<long> LargeObjectsAsync(NpgsqlConnection connection, CancellationToken ct) =>
        connection.ScalarAsync<long>("SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata", ct);
}
