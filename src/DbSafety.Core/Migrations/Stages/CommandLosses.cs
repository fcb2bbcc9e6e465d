using DbSafety.Migrations.Applying;
using DbSafety.Migrations.Histories.Reading;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Stages;

/// <summary>
/// The data that a command loses, found by comparison: on a copy, to which no other session writes, row by row; on production by the numbers of rows, values and large objects, including changes by other
/// sessions.
/// </summary>
internal sealed class CommandLosses
{
    private readonly SafeMigrationRun run;
    private readonly NpgsqlConnection reader;
    private readonly Coverage coverage;
    private readonly CopiedLargeObjects objects;
    private readonly CopiedRows? rows;

    private CommandLosses(SafeMigrationRun run, NpgsqlConnection reader, Coverage coverage, StructureCensus before, CopiedLargeObjects objects, CopiedRows? rows) =>
        (this.run, this.reader, this.coverage, Before, After, this.objects, this.rows) = (run, reader, coverage, before, before, objects, rows);

    public StructureCensus Before { get; }

    public StructureCensus After { get; private set; }

    public static async Task<CommandLosses> StartAsync(SafeMigrationRun run, NpgsqlConnection reader, Coverage coverage, bool isCopy, CancellationToken ct)
    {
        var before = await StructureCensus.ReadAsync(reader, run.Project.History.Relation, CensusDepth.Values, ct);
        var histories = isCopy ? (await ToolHistories.FindAsync(reader, ct)).Select(h => (h.Schema, h.Table)).ToHashSet() : [];
        return new CommandLosses(run, reader, coverage, before, await CopiedLargeObjects.KeepAsync(reader, withBytes: isCopy, ct), isCopy ? await CopiedRows.KeepAsync(reader, before, histories, ct) : null);
    }

    /// <summary>After the command has finished.</summary>
    public async Task<AppliedScript> EndAsync(CancellationToken ct)
    {
        After = await StructureCensus.ReadAsync(reader, run.Project.History.Relation, CensusDepth.Values, ct);
        var changes = CensusComparison.Changes(Before, After);
        var (removed, objectLosses) = await objects.CompareAsync(coverage, ct);
        var comparison = new RowComparison(reader, coverage);
        if (rows is not null)
            await comparison.CompareAsync(rows, After, ct);
        // What could not be compared row by row is compared by numbers.
        var values = CensusComparison.ValueLosses(Before, After, coverage, changes).Where(v => !comparison.Compared.Contains(v.Loss.Table)).ToLookup(v => v.IsAllowed, v => v.Loss);
        if (comparison.Overwritten.Count > 0)
            run.Events.Warning($"on the copy, {run.Request.Command} overwrote values in {string.Join("; ", comparison.Overwritten)}");
        if (comparison.Uncompared.Count > 0)
            run.Events.Warning($"the rows of some tables could not be compared, so overwritten values are not detected there: {string.Join("; ", comparison.Uncompared)}");
        List<UnexpectedLoss> structure = [.. CensusComparison.Losses(Before, After, coverage)];
        // Rows that were deleted are among the changes.
        var gone = CensusComparison.Losses(Before, After, Coverage.Nothing).ExceptBy(structure.Select(l => l.AllowAs), l => l.AllowAs).Where(l => !l.AllowAs.StartsWith("delete-rows:", StringComparison.Ordinal));
        IReadOnlyList<UnexpectedLoss> numbers = [.. values[false], .. objectLosses];
        // What the command does is known from its rehearsal; other sessions of production set values to NULL, too.
        if (rows is null && !run.Request.SkipRehearsal && numbers.Count > 0)
        {
            run.Events.Warning($"while the command ran: {string.Join("; ", numbers.Select(l => l.Text.Replace("would be", "were", StringComparison.Ordinal)))}, by the command or by other sessions");
            numbers = [];
        }

        return new AppliedScript("", TimeSpan.Zero, OneTransaction: false, Retries: 0)
        {
            Changes = changes,
            LargeObjects = removed,
            Losses = LossCounts.Add(Before, [.. structure, .. comparison.Losses, .. numbers]),
            AllowedLosses = [.. gone, .. comparison.Allowed, .. values[true]],
        };
    }
}
