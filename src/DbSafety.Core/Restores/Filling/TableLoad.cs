using DbSafety.Analysis.Syntax;
using DbSafety.Backups.Dumps.Archives;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores.Filling;

/// <summary>
/// Copies one table's rows into a new database, in one session: several sessions that copy into the same table wait for each other while it
/// grows.
/// </summary>
internal static class TableLoad
{
    /// <param name="rows">COPY's text format, as pg_dump writes it.</param>
    /// <param name="encoding">The dump's.</param>
    /// <returns>Whether the table is large: more than a piece of rows. Never where its rows are loaded through its root, into whichever partition they belong to.</returns>
    /// <exception cref="DbSafetyException"><c>DBS310</c>, with the table's name.</exception>
    /// <exception cref="PostgresException">A name was not found: a function of a constraint or a generated column finds it with search_path.</exception>
    public static async Task<bool> RunAsync(NpgsqlConnection session, ArchiveEntry table, Stream rows, string encoding, CancellationToken ct)
    {
        try
        {
            var pieces = new RowPieces(rows);
            if (pieces.Next() is not { } first)
                return false;
            var (name, copy) = (SqlName.Quote(table.Schema, table.Tag), table.CopyStatement.TrimEnd().TrimEnd(';'));
            if (pieces.IsEnded || table.Root is not null)
            {
                // For a small table, the optimization below costs more (a new file) than it gains.
                await CopyAsync(session, $"{copy} WITH (ENCODING {SqlName.Literal(encoding)})", first, pieces, ct);
                return false;
            }

            await using var transaction = await session.BeginTransactionAsync(ct);
            // Rows of a table that was emptied in the same transaction can be written frozen: VACUUM need not process them again. An
            // extension's own table has rows already, which stay.
            var empty = !await session.ScalarAsync<bool>($"SELECT EXISTS (SELECT 1 FROM ONLY {name})", ct);
            if (empty)
                await session.ExecuteAsync($"TRUNCATE ONLY {name}", ct);
            await CopyAsync(session, $"{copy} WITH ({(empty ? "FREEZE, " : "")}ENCODING {SqlName.Literal(encoding)})", first, pieces, ct);
            await transaction.CommitAsync(ct);
            return true;
        }
        catch (PostgresException e) when (!SearchPath.IsMissing(e))
        {
            throw ErrorCatalogue.TableNotRestored.Because(e, SqlName.Display(table.Schema, table.Tag), e.MessageText);
        }
    }

    /// <summary>While one piece is being sent, the next is decompressed.</summary>
    private static async Task CopyAsync(NpgsqlConnection session, string statement, ArraySegment<byte> first, RowPieces pieces, CancellationToken ct)
    {
        // As text the rows would be decoded and encoded again; the stream below takes the dump's bytes as they are.
        await using var writer = await session.BeginTextImportAsync(statement, ct);
        var server = ((StreamWriter)writer).BaseStream;
        for (ArraySegment<byte>? piece = first; piece is { } current;)
        {
            var next = pieces.IsEnded ? Task.FromResult<ArraySegment<byte>?>(null) : Task.Run(pieces.Next, ct);
            try
            {
                await server.WriteAsync(current, ct);
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
