using DbSafety.Analysis;
using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>Which losses were foreseen and allowed, in the oids of one database as it is before the first migration.</summary>
internal sealed class Coverage
{
    private readonly HashSet<uint> rows = [];
    private readonly HashSet<uint> empty = [];
    private readonly HashSet<(uint Table, string Column)> columns = [];
    private bool everyColumn;

    /// <summary>Whatever is lost was allowed.</summary>
    public bool IsEverything { get; private init; }

    public bool Rows(uint table) => IsEverything || rows.Contains(table);

    /// <summary>The table may go, for nothing is in it.</summary>
    public bool IsKnownEmpty(uint table) => empty.Contains(table);

    public bool Column(uint table, string column) => IsEverything || everyColumn || rows.Contains(table) || columns.Contains((table, column));

    public static async Task<Coverage> ResolveAsync(NpgsqlConnection connection, Allowances allowed, CancellationToken ct)
    {
        var coverage = new Coverage { IsEverything = allowed.All, everyColumn = allowed.Findings.Any(f => f.Rule == "drop-cascade") };
        foreach (var question in allowed.Findings.Select(f => f.Question).OfType<LiveQuestion>())
            await coverage.AddAsync(connection, question, coverage.rows, ct);
        foreach (var question in allowed.Harmless.Select(f => f.Question).OfType<LiveQuestion>())
            await coverage.AddAsync(connection, question, coverage.empty, ct);
        return coverage;
    }

    /// <summary>Between the look at the data and the run somebody may have written to what was empty.</summary>
    /// <exception cref="Errors.DbSafetyException"><c>DBS403</c>.</exception>
    public async Task CheckStillEmptyAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var census = await StructureCensus.ReadAsync(connection, CensusDepth.Names, ct);
        foreach (var table in census.Tables.Values.Where(t => t.HasRows && IsKnownEmpty(t.Oid) && !Rows(t.Oid)))
        {
            if (await connection.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM ONLY {SqlName.Quote(table.Schema, table.Name)})", ct))
                throw Errors.ErrorCatalogue.GateRefused.For(connection.Database, $"{table.Display} was empty when it was looked at and has rows now", "run it again to see what they are");
        }
    }

    private async Task AddAsync(NpgsqlConnection connection, LiveQuestion question, HashSet<uint> tables, CancellationToken ct)
    {
        if (question.Kind == LiveFactKind.SchemaRows)
        {
            tables.UnionWith((await TableReach.InSchemaAsync(connection, question.Relation.Name, ct)).Select(t => t.Oid));
            return;
        }

        if (await TableReach.FindAsync(connection, question.Relation, ct) is not { } table)
            return;
        foreach (var reached in await TableReach.ReachedAsync(connection, table, question.Reach, ct))
        {
            if (question.Column is { } column)
                columns.Add((reached.Oid, column));
            else
                tables.Add(reached.Oid);
        }
    }
}
