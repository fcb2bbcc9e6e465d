using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.TypeChanges;
using Npgsql;

namespace DbSafety.Migrations.Live;

/// <summary>Compares the new value of a sequence with its last value, and with the values in the column that owns it.</summary>
internal static class LiveSequences
{
    public static async Task<LiveAnswer> AnswerAsync(NpgsqlTransaction transaction, LiveSequence set, CancellationToken ct)
    {
        var (connection, unknown) = (transaction.Connection!, new LiveAnswer(true, null));
        if (!await SafeCount.IsSafeAsync(transaction, $"SELECT {set.Sequence}, {set.Value ?? "0"}, {set.IsCalled}", withOwn: false, ct))
            return unknown;
        var found = await connection.ListAsync(
            $"""
            SELECT n.nspname, c.relname, s.seqincrement, coalesce({set.Value ?? "NULL"}, s.seqstart)::bigint, ({set.IsCalled})::boolean
            FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE s.seqrelid = {set.Sequence}::oid
            """, r => (Sql: SqlName.Quote(r.GetString(0), r.GetString(1)), Step: r.GetInt64(2), Value: r.GetInt64(3), IsCalled: r.GetBoolean(4)), ct);
        if (found is not [{ Step: > 0 } sequence])
            return unknown;
        var next = sequence.IsCalled ? sequence.Value + sequence.Step : sequence.Value;
        var last = await connection.ScalarAsync<long>($"SELECT CASE WHEN is_called THEN last_value ELSE last_value - {sequence.Step} END FROM {sequence.Sql}", ct);
        var owners = await connection.ListAsync(
            """
            SELECT n.nspname, c.relname, a.attname, c.relkind FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.refobjid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
            WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = $1::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i') AND c.relkind IN ('r', 'p')
            """, r => (Table: SqlName.Quote(r.GetString(0), r.GetString(1)), Column: SqlName.Quote(r.GetString(2))), ct, sequence.Sql);
        if (owners is not [var owner])
            return unknown with { Numbers = new LiveNumbers(next, last, IsOwned: false, null) };
        var highest = await connection.ListAsync($"SELECT max({owner.Column})::bigint FROM {owner.Table}", r => r.IsDBNull(0) ? (long?)null : r.GetInt64(0), ct);
        return unknown with { Numbers = new LiveNumbers(next, last, IsOwned: true, highest[0]) };
    }
}
