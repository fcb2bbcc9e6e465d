using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Live;
using DbSafety.Migrations.TypeChanges;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>Counts again what a statement would lose, in the middle of a script: by oids, because names may have changed.</summary>
internal static class HarmlessCount
{
    /// <summary>The tables whose rows are counted or would be deleted too; none if the object no longer exists.</summary>
    public static async Task<List<LiveTable>> ReachedAsync(NpgsqlConnection connection, HarmlessClaim claim, CancellationToken ct) => claim.Question.Kind switch
    {
        LiveFactKind.SchemaRows => await TableReach.InSchemaAsync(connection, claim.Oid, ct),
        LiveFactKind.EnumLabels => await TableReach.OfTypeAsync(connection, claim.Oid, ct),
        _ => await TableReach.FindAsync(connection, claim.Oid, ct) is { } table ? await TableReach.ReachedAsync(connection, table, claim.Reach, ct) : [],
    };

    /// <summary>Read only, whatever the counted condition calls, and without an effect on the transaction; a failed count is unknown.</summary>
    public static async Task<LiveAnswer> InSavepointAsync(NpgsqlConnection connection, HarmlessClaim claim, IReadOnlyList<LiveTable> reached, CancellationToken ct)
    {
        try
        {
            return await Savepoint.ReadOnlyAsync(connection, () => CountAsync(connection, claim, reached, ct), ct);
        }
        catch (PostgresException e) when (e.SqlState is not (PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown))
        {
            ct.ThrowIfCancellationRequested();
            return new LiveAnswer(true, null);
        }
    }

    /// <summary>
    /// Whether all values that an UPDATE would overwrite are those that the transaction itself has written: a session that does not see the transaction's rows sees no values in the columns. The claim's locks prevent
    /// other sessions from writing values.
    /// </summary>
    /// <param name="observer">Another session. If the transaction's locks block its reads, the result is unknown.</param>
    public static async Task<bool> IsOwnAsync(NpgsqlConnection observer, HarmlessClaim claim, CancellationToken ct)
    {
        if (claim.Question is not { Kind: LiveFactKind.RowsWhere, IsThroughView: false, Overwrite.AllLosing: { } losing })
            return false;
        try
        {
            await observer.ExecuteAsync("BEGIN; SET LOCAL lock_timeout = '100ms'", ct);
            return await observer.ScalarAsync<uint>("SELECT pg_catalog.to_regclass($1)::oid", ct, claim.Question.Relation.Sql) == claim.Oid && await observer.ScalarAsync<long>($"SELECT pg_catalog.count(*) FROM {losing}", ct) == 0;
        }
        catch (PostgresException e) when (e.SqlState is not (PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown))
        {
            ct.ThrowIfCancellationRequested();
            return false;
        }
        finally
        {
            if (observer.State == System.Data.ConnectionState.Open)
                await observer.ExecuteAsync("ROLLBACK", CancellationToken.None);
        }
    }

    private static async Task<LiveAnswer> CountAsync(NpgsqlConnection connection, HarmlessClaim claim, IReadOnlyList<LiveTable> reached, CancellationToken ct)
    {
        // It existed before the first script and was dropped since: the statement that dropped it was checked.
        if (reached.Count == 0)
            return new LiveAnswer(true, 0);
        var table = reached[0];
        if (claim.Question.Kind is LiveFactKind.Rows or LiveFactKind.RowsWhere or LiveFactKind.Values && await TableReach.ReachesForeignAsync(connection, table.Oid, ct))
            return new LiveAnswer(true, null);
        return claim.Question.Kind switch
        {
            LiveFactKind.Rows or LiveFactKind.SchemaRows => new LiveAnswer(true, await RowsAsync(connection, reached, ct)),
            LiveFactKind.RowsWhere when claim.Question.Condition is { } condition => new LiveAnswer(true, await connection.ScalarAsync<long>($"SELECT count(*) FROM {condition}", ct)),
            LiveFactKind.Values or LiveFactKind.Changed => await ColumnAsync(connection, claim, table, ct),
            LiveFactKind.EnumLabels => await LabelsAsync(connection, claim, reached, ct),
            _ => new LiveAnswer(true, null),
        };
    }

    private static async Task<long> RowsAsync(NpgsqlConnection connection, IEnumerable<LiveTable> tables, CancellationToken ct)
    {
        var rows = 0L;
        foreach (var table in tables.Where(t => t.HasRows))
            rows += await connection.ScalarAsync<long>($"SELECT count(*) FROM ONLY {table.Sql}", ct);
        return rows;
    }

    private static async Task<LiveAnswer> ColumnAsync(NpgsqlConnection connection, HarmlessClaim claim, LiveTable table, CancellationToken ct)
    {
        var found = await connection.ListAsync("SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attnum = $2 AND NOT attisdropped", r => r.GetString(0), ct, (long)table.Oid, claim.Column);
        if (found is not [var column])
            return new LiveAnswer(true, 0);
        if (claim.Question.Kind == LiveFactKind.Values)
            return new LiveAnswer(true, await connection.ScalarAsync<long>($"SELECT count({SqlName.Quote(column)}) FROM {table.Sql}", ct));
        // The conversion uses the names from before the first script.
        var named = SqlName.Quote(claim.Question.Column!);
        var from = $"{(column == claim.Question.Column ? table.Sql : $"(SELECT *, {SqlName.Quote(column)} AS {named} FROM {table.Sql})")} AS {SqlName.Quote(claim.Question.Relation.Name)}";
        if (claim.Question.TypeChange is not { } change || await TypeChangePlan.ReadAsync(connection, table, column, change, from, named, ct) is not { RefusedBecause: null } plan)
            return new LiveAnswer(true, null);
        return new LiveAnswer(true, await connection.ScalarAsync<long>(ValueTrial.CountSql(from, named, plan), ct));
    }

    private static async Task<LiveAnswer> LabelsAsync(NpgsqlConnection connection, HarmlessClaim claim, IEnumerable<LiveTable> tables, CancellationToken ct)
    {
        var lost = await connection.ListAsync(
            $"SELECT enumlabel::text FROM pg_catalog.pg_enum WHERE enumtypid = $1::oid AND enumlabel <> ALL ({claim.Question.Condition}) ORDER BY enumsortorder", r => r.GetString(0), ct, (long)claim.Oid);
        var rows = 0L;
        foreach (var table in tables.Where(t => t.HasRows))
        {
            var columns = await connection.ListAsync(
                "SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND atttypid = $2::oid AND NOT attisdropped ORDER BY attnum", r => r.GetString(0), ct, (long)table.Oid, (long)claim.Oid);
            foreach (var column in columns)
                rows += await connection.ScalarAsync<long>($"SELECT count(*) FROM ONLY {table.Sql} WHERE {SqlName.Quote(column)}::text = ANY ($1)", ct, (object)lost.ToArray());
        }

        return new LiveAnswer(true, rows) { Names = lost };
    }
}
