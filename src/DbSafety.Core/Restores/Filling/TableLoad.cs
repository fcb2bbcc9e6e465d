using DbSafety.Backups.Dumps;
using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Restores.Filling;

/// <summary>
/// Copies one table's rows into a new database, in one session: several that copy into the same table wait for each other wherever it
/// grows.
/// </summary>
internal static class TableLoad
{
    /// <param name="rows">COPY's text format, as pg_dump writes it.</param>
    /// <param name="encoding">The dump's.</param>
    /// <exception cref="DbSafetyException"><c>DBS310</c>, with the table's name.</exception>
    public static async Task RunAsync(NpgsqlConnection session, ArchiveEntry table, Stream rows, string encoding, ByteProgress progress, CancellationToken ct)
    {
        try
        {
            await using var transaction = await session.BeginTransactionAsync(ct);
            // Rows of a table that was emptied in the same transaction can be written frozen: nobody has to look at them again. An
            // extension's own table has rows already, which stay.
            var name = SqlName.Quote(table.Schema, table.Tag);
            var empty = !await session.ScalarAsync<bool>($"SELECT EXISTS (SELECT 1 FROM ONLY {name})", ct);
            if (empty)
                await session.ExecuteAsync($"TRUNCATE ONLY {name}", ct);
            var statement = table.CopyStatement.TrimEnd().TrimEnd(';') + $" WITH ({(empty ? "FREEZE, " : "")}ENCODING {SqlName.Literal(encoding)})";
            // As text the rows would be decoded and encoded again; the stream below takes the dump's bytes as they are.
            await using (var writer = await session.BeginTextImportAsync(statement, ct))
                await CopyAsync(new RowPieces(rows), ((StreamWriter)writer).BaseStream, progress, ct);
            await transaction.CommitAsync(ct);
        }
        catch (PostgresException e)
        {
            throw ErrorCatalogue.TableNotRestored.Because(e, SqlName.Display(table.Schema, table.Tag), e.MessageText);
        }
    }

    /// <summary>While one piece is on its way the next is unpacked.</summary>
    private static async Task CopyAsync(RowPieces pieces, Stream server, ByteProgress progress, CancellationToken ct)
    {
        for (var piece = pieces.Next(); piece is { } current;)
        {
            var next = Task.Run(pieces.Next, ct);
            try
            {
                await server.WriteAsync(current, ct);
                progress.Add(current.Count);
            }
            finally
            {
                await next.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }

            RowPieces.Return(current);
            piece = await next;
        }
    }
}
