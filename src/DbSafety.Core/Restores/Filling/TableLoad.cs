using DbSafety.Backups.Dumps;
using DbSafety.Databases;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores.Filling;

/// <summary>Copies one table's rows into a new database.</summary>
internal static class TableLoad
{
    private const int Piece = 256 * 1024;

    /// <param name="rows">COPY's text format. The end mark that pg_dump writes behind the rows may stand in it: the server stops there.</param>
    /// <param name="encoding">The dump's.</param>
    /// <exception cref="DbSafetyException"><c>DBS310</c>, with the table's name.</exception>
    public static async Task RunAsync(NpgsqlConnection connection, ArchiveEntry table, Stream rows, string encoding, CancellationToken ct)
    {
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(ct);
            // Rows of a table that was emptied in the same transaction can be written frozen: nobody has to look at them again. An
            // extension's own table has rows already, which stay.
            var name = SqlName.Quote(table.Schema, table.Tag);
            var empty = !await connection.ScalarAsync<bool>($"SELECT EXISTS (SELECT 1 FROM ONLY {name})", ct);
            if (empty)
                await connection.ExecuteAsync($"TRUNCATE ONLY {name}", ct);
            var statement = table.CopyStatement.TrimEnd().TrimEnd(';') + $" WITH ({(empty ? "FREEZE, " : "")}ENCODING {SqlName.Literal(encoding)})";
            // Text would be decoded and encoded again; the stream below takes the dump's bytes as they are.
            await using (var writer = await connection.BeginTextImportAsync(statement, ct))
                await CopyAsync(rows, ((StreamWriter)writer).BaseStream, ct);
            await transaction.CommitAsync(ct);
        }
        catch (PostgresException e)
        {
            throw ErrorCatalogue.TableNotRestored.Because(e, SqlName.Display(table.Schema, table.Tag), e.MessageText);
        }
    }

    private static async Task CopyAsync(Stream rows, Stream server, CancellationToken ct)
    {
        var buffer = new byte[Piece];
        for (var read = rows.Read(buffer, 0, Piece); read > 0; read = rows.Read(buffer, 0, Piece))
            await server.WriteAsync(buffer.AsMemory(0, read), ct);
    }
}
