using System.Globalization;
using System.Text;
using DbSafety.Backups;
using DbSafety.Databases;
using DbSafety.Databases.Writes;
using DbSafety.Errors;
using DbSafety.Migrations.Concurrency;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// What was allowed to be lost is in the backup, but for rows that were written since. Those are saved beside it as COPY commands for psql, right before the statement
/// that loses them and under a lock that keeps writers out.
/// </summary>
/// <param name="own">What this run has written.</param>
internal sealed class RowsSinceBackup(PgBackup backup, OwnWrites own)
{
    public const string Ending = ".since.sql";

    /// <summary>Of the file, what belongs to transactions that may have been committed.</summary>
    private long kept;

    /// <summary>Rows of the transaction that is open, by table.</summary>
    private readonly List<(string Table, long Rows)> open = [];

    public static string PathOf(string manifest) => System.IO.Path.ChangeExtension(manifest, Ending);

    public string Path { get; } = PathOf(backup.Path);

    public bool Exists => kept > 0;

    /// <summary>Forgets what was saved for a transaction that was rolled back.</summary>
    public void Begin()
    {
        open.Clear();
        if (!File.Exists(Path))
            return;
        if (kept == 0)
        {
            File.Delete(Path);
            return;
        }

        using var file = new FileStream(Path, FileMode.Open, FileAccess.Write);
        file.SetLength(kept);
    }

    /// <summary>The transaction is committed, or may be.</summary>
    public void Keep(IOperationEvents events)
    {
        if (open.Count == 0)
            return;
        kept = new FileInfo(Path).Length;
        events.Information($"{string.Join(", ", open.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Rows:N0} {(t.Rows == 1 ? "row" : "rows")} of {t.Table}")))} written after the backup, from before the migration: {Path}");
        open.Clear();
    }

    /// <param name="isUnknown">Whether its last transaction was committed cannot be found out.</param>
    public void Failed(bool isUnknown, IOperationEvents events)
    {
        try
        {
            if (isUnknown)
                Keep(events);
            else
                Begin();
        }
        catch (IOException e)
        {
            events.Warning($"{Path} holds rows of a transaction that was rolled back: {e.Message}");
        }
    }

    /// <param name="tables">Locked against writers, or what is written in between is not saved.</param>
    /// <exception cref="DbSafetyException"><c>DBS437</c>.</exception>
    public async Task SaveAsync(NpgsqlConnection connection, IEnumerable<LiveTable> tables, string script, CancellationToken ct)
    {
        try
        {
            var now = await TransactionSnapshot.ReadAsync(connection, ct);
            if (await TransactionIds.ProveAsync(connection, backup.Source!.Snapshot, now, own.Ids, ct))
                return;
            foreach (var table in tables.Where(t => t.Kind == 'r'))
                await Savepoint.ReadOnlyAsync(connection, () => SaveAsync(connection, table, now, script, ct), ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw ErrorCatalogue.SinceUnsaved.Because(e, connection.Database, e.MessageText, script);
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException && connection.State == System.Data.ConnectionState.Open))
        {
            throw ErrorCatalogue.SinceUnsaved.Because(e, connection.Database, e.Message, script);
        }
    }

    /// <returns>How many.</returns>
    private async Task<long> SaveAsync(NpgsqlConnection connection, LiveTable table, TransactionSnapshot now, string script, CancellationToken ct)
    {
        var columns = string.Join(", ", await connection.ListAsync(
            "SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum", r => SqlName.Quote(r.GetString(0)), ct, (long)table.Oid));
        var where = await ConditionAsync(connection, table, now, ct);
        var rows = await connection.ScalarAsync<long>($"SELECT pg_catalog.count(*) FROM ONLY {table.Sql} WHERE {where}", ct);
        if (rows == 0)
            return 0;
        StepPoint.Reach("migrate: rows since the backup counted");
        await using (var file = OpenFile())
        {
            await using (var writer = new StreamWriter(file, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" })
            {
                if (file.Length == 0)
                {
                    await writer.WriteLineAsync($"-- Rows written after the backup {System.IO.Path.GetFileName(backup.Path)}, as they were before a migration that was allowed to lose rows or values of their tables.");
                    await writer.WriteLineAsync("-- A row that is in the backup too has changed since: this is its newer version.\nSET client_encoding = 'UTF8';");
                }

                await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"\n-- {rows:N0} of {table.Display("public")}, before {script.ReplaceLineEndings(" ")}\nCOPY {table.Sql} ({columns}) FROM stdin;"));
                using (var reader = await connection.BeginTextExportAsync($"COPY (SELECT {columns} FROM ONLY {table.Sql} WHERE {where}) TO STDOUT", ct))
                {
                    var buffer = new char[32 * 1024];
                    for (int read; (read = await reader.ReadAsync(buffer, ct)) > 0;)
                        await writer.WriteAsync(buffer.AsMemory(0, read), ct);
                }

                await writer.WriteLineAsync("\\.");
            }

            file.Flush(flushToDisk: true);
        }

        FolderSync.Flush(backup.Folder);
        open.Add((table.Display("public"), rows));
        StepPoint.Reach("migrate: rows since the backup saved");
        return rows;
    }

    /// <summary>
    /// A row that this run has updated, or that went along when it rewrote the table, carries its id, whoever wrote the row before: where there are such, its own rows are saved too.
    /// </summary>
    private async Task<string> ConditionAsync(NpgsqlConnection connection, LiveTable table, TransactionSnapshot now, CancellationToken ct)
    {
        var since = backup.Source!;
        if (!since.Snapshot.CanCompare(now))
            return "true";
        var unseen = since.Snapshot.NotSeen("xmin", since.Snapshot.Distance("xmin"), now);
        var isHidden = own.Of(table.Oid).HidesEarlierWrites || !since.Tables.TryGetValue(table.Oid, out var then)
            || await connection.ScalarAsync<bool>("SELECT pg_catalog.pg_relation_filenode($1::oid) IS DISTINCT FROM $2::oid OR pg_catalog.pg_stat_get_xact_tuples_updated($1::oid) > 0", ct, (long)table.Oid, (long)then.File);
        return isHidden ? $"({unseen} OR {XactCounts.IsOwnRow})" : $"{unseen} AND NOT ({TransactionSnapshot.In("xmin", own.Ids)})";
    }

    private FileStream OpenFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(Path, options);
        file.Seek(0, SeekOrigin.End);
        return file;
    }
}
