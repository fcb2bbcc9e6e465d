using System.Globalization;
using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>Values that became null in rows that are updated out of sight: those that are not null are counted as the transaction and as a second session see them.</summary>
internal sealed class HiddenValues(NpgsqlConnection connection, NpgsqlConnection observer)
{
    private const string ColumnsSql = "SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped AND NOT attnotnull ORDER BY attnum";

    public async Task<IReadOnlyList<UnexpectedLoss>> LossesAsync(IEnumerable<RowCounts> updated, Coverage coverage, CancellationToken ct)
    {
        var losses = new List<UnexpectedLoss>();
        foreach (var table in updated)
        {
            // The second session would wait for this transaction.
            if (await ReaderLocks.AreTakenAsync(connection, table.Oid, ct))
            {
                if (coverage.Rows(table.Oid))
                    continue;
                losses.Add(new UnexpectedLoss($"column-values:{table.Display}", string.Create(CultureInfo.InvariantCulture,
                    $"{table.Updated:N0} {(table.Updated == 1 ? "row" : "rows")} of {table.Display} would be updated by what no statement shows, and the table is locked, so that nobody can compare its values (a rehearsal can)")) { Table = table.Oid });
                continue;
            }

            var columns = (await observer.ListAsync(ColumnsSql, r => r.GetString(0), ct, (long)table.Oid)).Where(c => !coverage.IsColumnNamed(table.Oid, c)).ToList();
            if (columns.Count == 0)
                continue;
            var (before, after) = (await StructureCensus.CountAsync(observer, table.Schema, table.Name, columns, ct), await StructureCensus.CountAsync(connection, table.Schema, table.Name, columns, ct));
            losses.AddRange(columns
                .Select((c, i) => (Column: c, Before: before[i + 1], Lost: before[i + 1] - after[i + 1] - Math.Max(table.Deleted, before[0] - after[0])))
                .Where(c => c.Lost > 0).Select(c => CensusComparison.ValuesLost(table.Oid, $"{table.Display}.{SqlName.Display(c.Column)}", c.Lost, c.Before)));
        }

        return losses;
    }
}
