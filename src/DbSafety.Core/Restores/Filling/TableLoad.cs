using System.Threading.Channels;
using DbSafety.Backups.Dumps;
using DbSafety.Databases;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores.Filling;

/// <summary>
/// Copies one table's rows into a new database. The server's side of COPY keeps one core busy; a large table's rows are therefore dealt out
/// to several sessions, a piece at a time.
/// </summary>
/// <param name="encoding">The dump's.</param>
internal sealed class TableLoad(IReadOnlyList<NpgsqlConnection> sessions, string encoding)
{
    /// <param name="rows">COPY's text format, as pg_dump writes it.</param>
    /// <exception cref="DbSafetyException"><c>DBS310</c>, with the table's name.</exception>
    public async Task RunAsync(ArchiveEntry table, Stream rows, CancellationToken ct)
    {
        try
        {
            var pieces = new RowPieces(rows);
            if (pieces.Next() is not { } first)
                return;
            if (pieces.Next() is { } second)
                await DealAsync(table, [first, second], pieces, ct);
            else
                await WholeAsync(table, first, ct);
        }
        catch (PostgresException e)
        {
            throw ErrorCatalogue.TableNotRestored.Because(e, SqlName.Display(table.Schema, table.Tag), e.MessageText);
        }
    }

    /// <summary>Rows of a table that was emptied in the same transaction can be written frozen: nobody has to look at them again.</summary>
    private async Task WholeAsync(ArchiveEntry table, ArraySegment<byte> rows, CancellationToken ct)
    {
        var session = sessions[0];
        await using var transaction = await session.BeginTransactionAsync(ct);
        // An extension's own table has rows already, which stay.
        var name = SqlName.Quote(table.Schema, table.Tag);
        var empty = !await session.ScalarAsync<bool>($"SELECT EXISTS (SELECT 1 FROM ONLY {name})", ct);
        if (empty)
            await session.ExecuteAsync($"TRUNCATE ONLY {name}", ct);
        await using (var writer = await session.BeginTextImportAsync(Statement(table, empty ? "FREEZE, " : ""), ct))
            await Bytes(writer).WriteAsync(rows, ct);
        await transaction.CommitAsync(ct);
        RowPieces.Return(rows);
    }

    private async Task DealAsync(ArchiveEntry table, ArraySegment<byte>[] begun, RowPieces pieces, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var channel = Channel.CreateBounded<ArraySegment<byte>>(sessions.Count);
        var loaders = Task.WhenAll(sessions.Select(session => LoadAsync(session, table, channel.Reader, stop)));
        try
        {
            foreach (var piece in begun)
                await channel.Writer.WriteAsync(piece, stop.Token);
            while (pieces.Next() is { } piece)
                await channel.Writer.WriteAsync(piece, stop.Token);
            channel.Writer.Complete();
        }
        catch (Exception e)
        {
            channel.Writer.TryComplete(e);
            // Where a loader failed and so stopped the dealing, its failure is the one to tell.
            if (e is OperationCanceledException && !ct.IsCancellationRequested)
                await loaders;
            await stop.CancelAsync();
            await loaders.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }

        await loaders;
    }

    private async Task LoadAsync(NpgsqlConnection session, ArchiveEntry table, ChannelReader<ArraySegment<byte>> pieces, CancellationTokenSource stop)
    {
        try
        {
            await using var writer = await session.BeginTextImportAsync(Statement(table, ""), stop.Token);
            var bytes = Bytes(writer);
            await foreach (var piece in pieces.ReadAllAsync(stop.Token))
            {
                await bytes.WriteAsync(piece, stop.Token);
                RowPieces.Return(piece);
            }
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private string Statement(ArchiveEntry table, string options) =>
        table.CopyStatement.TrimEnd().TrimEnd(';') + $" WITH ({options}ENCODING {SqlName.Literal(encoding)})";

    /// <summary>As text the rows would be decoded and encoded again; the stream below takes the dump's bytes as they are.</summary>
    private static Stream Bytes(TextWriter writer) => ((StreamWriter)writer).BaseStream;
}
