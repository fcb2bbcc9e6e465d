using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Applying;
using DbSafety.Migrations.Concurrency;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Stages;

/// <summary>
/// Whether production changed while a migration was rehearsed on its copy: a command may have an address of its own. What it wrote cannot be distinguished from what
/// other sessions wrote, so a change means that the database must be checked; it does not show which session made it.
/// </summary>
internal sealed class ProductionWatch
{
    private readonly SafeMigrationRun run;
    private readonly PgBackup backup;
    private readonly IReadOnlyList<PgMigration> states;
    private readonly TableStatistics statistics;

    private readonly StructureCensus structure;

    private ProductionWatch(SafeMigrationRun run, PgBackup backup, IReadOnlyList<PgMigration> states, TableStatistics statistics, StructureCensus structure) =>
        (this.run, this.backup, this.states, this.statistics, this.structure) = (run, backup, states, statistics, structure);

    /// <summary>The rehearsed migration is isolated from production, as far as known.</summary>
    public bool IsIsolated { get; set; }

    /// <param name="backup">The backup from which the copy was restored; rows are compared with it.</param>
    public static async Task<ProductionWatch> StartAsync(SafeMigrationRun run, PgBackup backup, CancellationToken ct) =>
        new(run, backup, await run.Project.StatesAsync(run.Connection, ct), await TableStatistics.StartAsync(run.Connection, ct), await SizesAsync(run, ct));

    /// <summary>
    /// After a rehearsal that succeeded: rows that other sessions write to a busy database during the rehearsal are only a warning, from the cumulative statistics; a changed
    /// history stops the run, and so do tables that were dropped, emptied or rewritten, or lost a column: an isolated command is not trusted either.
    /// </summary>
    /// <exception cref="DbSafetyException"><c>DBS450</c>.</exception>
    public async Task CheckQuicklyAsync(CancellationToken ct)
    {
        if (await ChangesAsync(ct) is { Count: > 0 } changes)
            throw Changed(string.Join("; ", changes), "the rehearsal itself succeeded", null);
        if (await statistics.ChangedAsync(run.Connection, ct) is { Count: > 0 } tables)
            run.Events.Warning($"while the command was rehearsed on a copy, rows were written to {string.Join(", ", tables)} of {Database} itself, by other sessions or by the command");
    }

    /// <summary>After a failed rehearsal: compares all rows with the backup before it is reported that nothing was changed.</summary>
    /// <exception cref="DbSafetyException"><c>DBS450</c> something has changed, or this is unknown.</exception>
    /// <returns>The result, as a sentence.</returns>
    public async Task<string> CheckAllAsync(Exception failure)
    {
        // Also after a stop on request.
        var history = await TryHistoryAsync();
        var writes = (await run.FindWritesAsync(backup, CancellationToken.None)).Writes;
        // If the command was isolated, an unknown result most likely means no changes; changes that were found are reported, whichever session made them.
        if (history is null && IsIsolated && writes is ConcurrentWrites.Unknown)
        {
            return $"The copy was isolated from {Database}; whether other sessions wrote to {Database} during the rehearsal is unknown: {writes}.";
        }

        if (history is not null || writes is not ConcurrentWrites.None)
            throw Changed(string.Join("; ", new[] { history, writes is ConcurrentWrites.None ? null : $"{writes}" }.OfType<string>()), failure.Message, failure);
        return "The database was not changed: its rows and its migration history are the same as in the backup.";
    }

    /// <summary>After a successful rehearsal of scripts: writes by other sessions are ignored, but if the scripts could have accessed production, a loss there stops the run.</summary>
    /// <exception cref="DbSafetyException"><c>DBS450</c>.</exception>
    public async Task CheckScriptsAsync(CancellationToken ct)
    {
        var changes = await ChangesAsync(ct);
        if (changes.Count == 0)
            return;
        if (!IsIsolated)
            throw Changed(string.Join("; ", changes), "the rehearsal itself succeeded", null);
        run.Events.Warning($"while the migrations were rehearsed on an isolated copy, in {Database} itself: {string.Join("; ", changes)}");
    }

    /// <summary>After a failed rehearsal of scripts: without locks and without reading tables.</summary>
    /// <returns>The state of production, as a sentence.</returns>
    public async Task<string> LookAsync()
    {
        try
        {
            var rows = await statistics.ChangedAsync(run.Connection, CancellationToken.None);
            var changes = await ChangesAsync(CancellationToken.None);
            if (rows.Count > 0)
                changes.Add($"rows were written to {string.Join(", ", rows)}");
            if (changes.Count == 0)
                return "The database was not changed: its migration history is the same, and the cumulative statistics show no rows written to it during the rehearsal.";
            return $"The migration ran on the copy only. Changes in {Database} itself during the rehearsal: {string.Join("; ", changes)}; {(IsIsolated ? "other sessions made them, because the copy was isolated" : $"other sessions made them, or the migration accessed {Database} itself. Check the database before you run anything else: {Look()}")}.";
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException or InvalidOperationException)
        {
            return $"The migration ran on the copy only; {Database} itself could not be checked: {e.Message.TrimEnd('.')}.";
        }
    }

    private string Database => run.Request.Target.Database;

    private static Task<StructureCensus> SizesAsync(SafeMigrationRun run, CancellationToken ct) => StructureCensus.ReadAsync(run.Connection, run.Project.History.Relation, CensusDepth.Sizes, ct);

    /// <summary>Of the history and of tables that were lost.</summary>
    private async Task<List<string>> ChangesAsync(CancellationToken ct) => [.. new[] { await HistoryAsync(ct) }.OfType<string>(), .. Lost(await SizesAsync(run, ct))];

    private List<string> Lost(StructureCensus now)
    {
        var lost = new List<string>();
        foreach (var table in structure.Tables.Values)
        {
            if (!now.Tables.TryGetValue(table.Oid, out var there))
                lost.Add($"table {table.Display} was dropped");
            // A materialized view is refreshed.
            else if (table is { Bytes: > 0, IsMaterializedView: false } && there.FileNode != table.FileNode)
                lost.Add($"table {table.Display} was emptied or rewritten");
            else if (table.Columns.Keys.Any(c => !there.Columns.ContainsKey(c)))
                lost.Add($"columns of table {table.Display} were dropped");
        }

        return lost;
    }

    private async Task<string?> TryHistoryAsync()
    {
        try
        {
            return await HistoryAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException or InvalidOperationException)
        {
            return $"the migration history cannot be read: {e.Message}";
        }
    }

    private async Task<string?> HistoryAsync(CancellationToken ct) =>
        states.SequenceEqual(await run.Project.StatesAsync(run.Connection, ct)) ? null : $"the migration history ({run.Project.History.Name}) has changed";

    private DbSafetyException Changed(string what, string rehearsal, Exception? cause) =>
        ErrorCatalogue.ProductionChanged.Because(cause!, Database, what, rehearsal, Look());

    private string Look() =>
        Advice.Of($"migration list \"{run.Request.Path}\" {TargetText.Options(run.Request.Target)}") + (run.Backup is null || run.Request.Target.Container is not null ? "" : $"; {Advice.Of($"database compare \"{run.Backup.Path}\" \"{run.Request.Target}\"")}");
}
