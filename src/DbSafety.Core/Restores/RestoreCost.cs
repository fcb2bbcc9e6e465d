using System.Globalization;
using DbSafety.Databases.Connections;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>The cost of a restore to a new database for the server and its replicas, estimated before it starts.</summary>
/// <param name="Bytes">Data that is written.</param>
/// <param name="Wal">Bytes of WAL, about as many as the data; 0 with <c>wal_level = minimal</c>, where rows of new tables are not logged.</param>
/// <param name="Replicas">Standby servers and logical subscribers that are connected now, with their lag, as text.</param>
/// <param name="Slots">Replication slots without a consumer, which keep the WAL.</param>
/// <param name="IsArchiving">WAL is archived.</param>
internal sealed record RestoreCost(long Bytes, long Wal, IReadOnlyList<string> Replicas, IReadOnlyList<string> Slots, bool IsArchiving)
{
    public static async Task<RestoreCost> ReadAsync(NpgsqlConnection maintenance, long bytes, CancellationToken ct)
    {
        var (level, archiving) = (await maintenance.ListAsync(
            "SELECT pg_catalog.current_setting('wal_level'), pg_catalog.current_setting('archive_mode') <> 'off'", r => (r.GetString(0), r.GetBoolean(1)), ct)).Single();
        var replicas = await maintenance.ListAsync(
            """
            SELECT CASE s.slot_type WHEN 'logical' THEN 'logical subscriber' ELSE 'standby' END || coalesce(' ' || nullif(r.application_name, ''), '') || coalesce(' at ' || pg_catalog.host(r.client_addr), ''),
                   coalesce(r.state, 'state unknown'), coalesce(r.sync_state, ''),
                   CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL ELSE pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), r.replay_lsn)::bigint END
            FROM pg_catalog.pg_stat_replication r LEFT JOIN pg_catalog.pg_replication_slots s ON s.active_pid = r.pid ORDER BY 1
            """,
            r => $"{r.GetString(0)} ({r.GetString(1)}{(r.GetString(2) is { Length: > 0 } sync ? ", " + sync : "")}{(r.IsDBNull(3) ? "" : $", {ByteSize.Text(r.GetInt64(3))} behind")})",
            ct);
        var slots = await maintenance.ListAsync(
            "SELECT slot_name::text FROM pg_catalog.pg_replication_slots WHERE NOT active ORDER BY 1", r => r.GetString(0), ct);
        return new RestoreCost(bytes, level == "minimal" ? 0 : bytes, replicas, slots, archiving);
    }

    /// <summary>Whether anything other than this server is affected, or its disk for long.</summary>
    public bool ReachesOthers => Wal > 0 && (Replicas.Count > 0 || Slots.Count > 0 || IsArchiving);

    public IReadOnlyList<string> Notes
    {
        get
        {
            var notes = new List<string> { $"the restore writes about {ByteSize.Text(Bytes)} of data and {(Wal == 0 ? "hardly any" : $"about {ByteSize.Text(Wal)} of")} WAL" };
            if (Wal == 0)
                return notes;
            notes.AddRange(Replicas.Select(r => $"{r} must receive that WAL; until then, its replication lag grows"));
            if (Slots.Count > 0)
                notes.Add($"replication slots without a consumer keep that WAL on the server's disk: {string.Join(", ", Slots)}");
            if (IsArchiving)
                notes.Add($"WAL archiving is on: the archive grows by about {ByteSize.Text(Wal)}");
            return notes;
        }
    }

    /// <summary>Reports it before the restore starts.</summary>
    public void Report(IOperationEvents events)
    {
        foreach (var note in Notes)
        {
            if (ReachesOthers)
                events.Information(note);
            else
                events.Verbose(note);
        }
    }
}
