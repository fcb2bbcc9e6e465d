using System.Data;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Definitions;
using DbSafety.Databases.Tables;
using Npgsql;

namespace DbSafety.Databases.Snapshots;

/// <summary>Measures a database: exact rows, sequences, definitions.</summary>
public static class FingerprintReader
{
    /// <summary>One session counts; several sessions hash, depending on the number of cores.</summary>
    private const int MostHashing = 4;

    /// <summary>In a separate snapshot.</summary>
    /// <exception cref="Errors.DbSafetyException">The database is unreachable, or a table cannot be read.</exception>
    public static Task<PgFingerprint> ReadAsync(DatabaseTarget target, CancellationToken ct) => ReadAsync(target, checksum: false, ct);

    /// <param name="checksum">Whether the rows of every table are hashed too.</param>
    /// <inheritdoc cref="ReadAsync(DatabaseTarget, CancellationToken)"/>
    public static Task<PgFingerprint> ReadAsync(DatabaseTarget target, bool checksum, CancellationToken ct) => ReadAsync(target, checksum, SchemaDefinitions.HashVersion, ct);

    /// <param name="hashVersion">The version of the hash over the definitions: the version of the other side of the comparison.</param>
    /// <inheritdoc cref="ReadAsync(DatabaseTarget, bool, CancellationToken)"/>
    /// <param name="paths">The search_path of the database, if it is not set there yet; null: it is read from the database.</param>
    internal static async Task<PgFingerprint> ReadAsync(DatabaseTarget target, bool checksum, int hashVersion, CancellationToken ct, IReadOnlyList<string>? paths = null)
    {
        await using var connection = await target.OpenAsync(ct, "dbsafety measure");
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
            // Row-level security would hide rows from the count: an error is better than a wrong number.
            await connection.ExecuteAsync("SET LOCAL row_security = off", ct);
            var tables = await TableCatalog.ReadAsync(connection, ct);
            // The hash of a newer version cannot be compared; the comparison reports that.
            var version = Math.Min(hashVersion, SchemaDefinitions.HashVersion);
            var definitions = version == SchemaHash.Version ? null : await DefinitionReader.ReadAsync(connection, ct, version);
            var properties = await SourceReader.PropertiesAsync(connection, await connection.ScalarAsync<string>("SELECT pg_catalog.current_database()::pg_catalog.text", ct) ?? "", ct);
            return new PgFingerprint
            {
                Server = target.Server,
                Database = target.Database,
                ServerMajor = connection.PostgreSqlVersion.Major,
                TakenAt = DateTimeOffset.UtcNow,
                Tables = checksum
                    ? await HashAsync(target, connection, tables.Tables, paths, ct)
                    : await new TableCounting(null, paths, null).CountAsync(tables.Tables, [connection], ct),
                Sequences = await SequenceCatalog.ReadAsync(connection, ct),
                LargeObjects = await LargeObjectsAsync(connection, ct),
                SchemaHash = definitions?.Hash() ?? await SchemaHash.ReadAsync(connection, ct),
                SchemaHashVersion = version,
                Definitions = definitions?.Encode(),
                DatabaseDefinition = new SchemaDefinitions([DatabaseDefinition.Of(properties)], []).Encode(),
                LargeObjectDefinitions = (await LargeObjectReader.ReadAsync(connection, checksum, ct)).Encode(),
                NotCounted = tables.LeftOutWords,
            };
        }
        catch (NpgsqlException e)
        {
            throw PgSession.Translate(e, target);
        }
    }

    /// <summary>The same with the current definitions, and large objects without their contents.</summary>
    internal static async Task<PgFingerprint> WithDefinitionsAsync(PgFingerprint found, DatabaseTarget target, CancellationToken ct)
    {
        await using var connection = await target.OpenAsync(ct, "dbsafety measure");
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        if (found.LargeObjects > 0)
            found = found with { LargeObjectDefinitions = (await LargeObjectReader.ReadAsync(connection, checksum: false, ct)).Encode() };
        if (found.SchemaHashVersion == SchemaHash.Version)
            return found with { SchemaHash = await SchemaHash.ReadAsync(connection, ct) };
        var definitions = await DefinitionReader.ReadAsync(connection, ct, found.SchemaHashVersion);
        return found with { SchemaHash = definitions.Hash(), Definitions = definitions.Encode() };
    }

    private static async Task<IReadOnlyList<TableCount>> HashAsync(
        DatabaseTarget target, NpgsqlConnection first, IReadOnlyList<TableCatalog.Table> tables, IReadOnlyList<string>? paths, CancellationToken ct)
    {
        List<NpgsqlConnection> connections = [first];
        try
        {
            var snapshot = await first.ScalarAsync<string>("SELECT pg_catalog.pg_export_snapshot()", ct) ?? "";
            var free = (await FreeConnections.ReadAsync(first, target.Database, ct)).Count;
            while (connections.Count < Math.Min(Math.Min(tables.Count, free), Math.Min(Environment.ProcessorCount, MostHashing)))
            {
                connections.Add(await target.OpenAsync(ct, "dbsafety measure"));
                await SnapshotSession.JoinAsync(connections[^1], target, snapshot, ct);
            }

            return await new TableCounting(await TableChecksum.PrepareAsync(first, ct), paths, null).CountAsync(tables, connections, ct);
        }
        finally
        {
            foreach (var connection in connections.Skip(1))
                await connection.DisposeAsync();
        }
    }

    internal static Task<long> LargeObjectsAsync(NpgsqlConnection connection, CancellationToken ct) =>
        connection.ScalarAsync<long>("SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata", ct);
}
